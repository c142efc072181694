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

  const change = (place, record, before) => record ?? { ...Object.fromEntries(["cluster", "variant"].filter((name) => before?.[name]).map((name) => [name, before[name]])), verdict: null };

  function send(places, step) {
    const before = new Map(step);
    for (const place of places) {
      const record = decisions.get(place) ?? null;
      const old = before.get(place);
      if (record || old) queue.push([place, change(place, record, old)]);
    }
    flush();
  }

  async function flush() {
    if (sending) return;
    sending = true;
    drawProgress();
    try {
      do {
        const batch = queue.slice(0, 500);
        const said = await ask("decisions", { since: heard, changes: batch.map(([, row]) => row) });
        queue.splice(0, batch.length);
        const mine = new Set(queue.map(([place]) => place));
        for (const [place] of batch) if (!mine.has(place)) fresh.delete(place);
        keep();
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
      if (mine.has(place) || JSON.stringify(decisions.get(place) ?? null) === JSON.stringify(record)) continue;
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
      const record = decisions.get(place) ?? null;
      const [cluster, variant] = place.split(" ");
      queue.push([place, change(place, record, { cluster, variant: variant && cluster + variant })]);
    }
    if (queue.length) flush();
    addEventListener("focus", flush);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
    setInterval(() => { if (!document.hidden) flush(); }, 5000);
  }
