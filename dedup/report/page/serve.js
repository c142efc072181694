  // --- the server, where there is one: each decision is sent as it is made, in order, and kept until it arrived

  const queue = []; // [place, record or null], not yet sent
  let sending = false;
  let heard = 0; // the number of the last change that this page knows
  const waitingToSend = () => queue.length > 0;

  async function ask(what, body) {
    const answer = await fetch(what, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store" });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.error), { refused: true, hint: said.hint });
    return said;
  }

  // A record to be written, or the names of one to be taken out.
  const change = (record, { cluster, variant }) => record ?? { cluster, ...(variant ? { variant } : {}), verdict: null };

  function send(step) {
    for (const [place, before, after] of step) if (before || after) queue.push([place, change(after, before ?? after)]);
    flush();
  }

  async function flush() {
    if (sending) return;
    sending = true;
    drawProgress();
    try {
      do {
        const batch = queue.slice(0, 5000);
        const said = await ask("decisions", { since: heard, changes: batch.map(([, row]) => row) });
        queue.splice(0, batch.length);
        const mine = new Set(queue.map(([place]) => place));
        const done = batch.map(([place]) => place).filter((place) => !mine.has(place));
        for (const place of done) fresh.delete(place);
        keep(done);
        listen(said, mine);
      } while (queue.length);
    } catch (error) {
      say(error.refused ? `${error.message}${error.hint ? ` (${error.hint})` : ""}` : words.lost);
      clearTimeout(flush.timer);
      if (!error.refused) flush.timer = setTimeout(flush, 3000);
    } finally {
      sending = false;
      drawProgress();
    }
  }

  // What others decided meanwhile.
  function listen(said, mine) {
    heard = said.heard;
    let news = false;
    for (const row of said.changes) {
      const place = placeOf(row);
      const record = row.verdict ? row : null;
      if (mine.has(place) || same(decisions.get(place), record)) continue;
      news = true;
      enter(place, record);
    }
    if (news && !$("own")) redrawDecisions();
  }

  async function mergeAgain() {
    const again = $("again");
    again.disabled = true;
    again.textContent = words.merging;
    try {
      if (queue.length) await flush();
      await ask("merge", {});
      location.reload();
    } catch (error) {
      say(error.refused ? `${error.message}${error.hint ? ` (${error.hint})` : ""}` : words.lost);
      again.disabled = false;
      again.textContent = words.again;
    }
  }

  function beginServing() {
    // decided while the server was away, or in a page that was closed before it could send
    for (const place of fresh) {
      const [cluster, variant] = place.split(" ");
      queue.push([place, change(decisions.get(place), { cluster, variant: variant && cluster + variant })]);
    }
    if (queue.length) flush();
    addEventListener("focus", flush);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
    setInterval(() => { if (!document.hidden) flush(); }, 5000);
  }
