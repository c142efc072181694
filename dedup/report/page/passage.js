  // --- one passage: what it is, what can be decided, its text or table, its witnesses

  function choose(cluster, enter = false) {
    if (cluster !== chosen) {
      chosen = cluster;
      active = readAs = -1;
      markedOut.clear();
      opened = cluster ? { body: points(cluster.text), witnesses: cluster.witnesses.map(witnessOf), variants: cluster.variants.map(variantOf) } : { body: "", witnesses: [], variants: [] };
      drawDetail();
      $("passage").scrollTop = $("apparatus").scrollTop = $("detail").scrollTop = 0;
      if (cluster && listed[cluster.at] === cluster) {
        reveal(cluster.at);
        $("said").textContent = words.passageOf(figure(cluster.at + 1), figure(listed.length));
      } else drawRows(true);
      writeAddress();
    }
    if (enter) {
      document.body.dataset.view = "passage";
      if (getComputedStyle($("clusters")).display === "none") scrollTo(0, 0); // one pane at a time
    }
  }

  function drawDetail() {
    document.body.classList.toggle("at-overview", !chosen);
    $("home").setAttribute("aria-pressed", String(!chosen));
    if (chosen) drawPassage();
    else drawOverview();
  }

  function drawPassage() {
    const { witnesses, variants } = opened;
    const inGroup = Object.fromEntries(GROUPS.map((group) => [group, variants.filter((variant) => groupOf(variant.kind) === group).length]));
    const home = witnesses.find((witness) => witness.status === "home");
    const option = (value, text) => h("option", { value, selected: readAs === value }, text);
    const pick = (name) => button({ class: "tag", "aria-pressed": String(view === name), onclick: () => show(name) }, words[name]);
    $("passage").setAttribute("aria-label", words.text);
    $("passage").replaceChildren(...[
      button({ class: "quiet back", onclick: back }, `← ${words.back}`),
      h("div", { class: "head" },
        h("h2", {}, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[chosen.relation]), words.name(chosen.relation),
          h("span", { class: "dim" }, ` ${figure(chosen.letters)} ${words.letters}${words.comma}${words.places(figure(witnesses.length))}`)),
        h("p", { class: "under" }, h("span", {}, `${words.why}${words.colon}${words.because[chosen.relation]}`),
          h("span", {}, `${words.confidence} ${percent(chosen.confidence)}`),
          home ? h("span", {}, `${words.home} `, h("bdi", {}, plain(home.path)), `:${home.line}`) : null,
          h("span", { class: "mono" }, chosen.id)),
        h("div", { id: "actions" }),
        variants.length ? h("div", { class: "tools" },
          h("span", { class: "groups", role: "group", "aria-label": words.view }, pick("text"), pick("table")),
          h("label", {}, `${words.as} `, h("select", { id: "as", onchange: (event) => { readAs = Number(event.target.value); drawText(); } },
            option(-1, words.canonical), witnesses.slice(0, 500).map((witness, i) => option(i, `${witness.siglum}  ${spelled(witness.path)}:${witness.line}`)))),
          h("span", { class: "groups", role: "group", "aria-label": words.kinds }, GROUPS.filter((group) => inGroup[group]).map((group) =>
            button({ class: `tag ${group}`, "aria-pressed": String(!hiddenGroups.has(group)), onclick: (event) => {
              if (!hiddenGroups.delete(group)) hiddenGroups.add(group);
              event.currentTarget.setAttribute("aria-pressed", String(!hiddenGroups.has(group)));
              drawBody();
              drawApparatus();
              writeAddress();
            } }, words[group], h("b", {}, figure(inGroup[group])))))) : null),
      h("div", { id: "body" }),
      h("section", { id: "witnesses", class: "witnesses" }),
    ].filter(Boolean));
    drawActions();
    drawBody();
    drawApparatus();
  }

  function drawBody() {
    const table = view === "table" && opened.variants.some(isShown);
    if ($("as")) $("as").closest("label").hidden = table;
    $("body").replaceChildren(...(table ? drawTable().filter(Boolean)
      : [h("div", { id: "text", class: "text", lang: chosen.lang, dir: "auto" }), opened.variants.length ? legend() : ""]));
    if (!table) drawText();
    redrawWitnesses();
  }

  function drawActions() {
    const record = decisionOn(chosen);
    const act = (name, keyName, verdict, run) => button({ class: `act ${name}`, "aria-pressed": String(record?.verdict === verdict), onclick: run }, words[name], key(keyName));
    const noted = Object.assign(h("textarea", { id: "note", rows: "1", dir: "auto", placeholder: words.note, "aria-label": words.note, onchange: (event) => note(event.target.value.trim()) }), { value: record?.note ?? "" });
    const by = Object.assign(h("input", { id: "by", dir: "auto", autocomplete: "name", placeholder: words.by, "aria-label": words.by, onchange: (event) => sign(event.target.value.trim()) }), { value: author });
    $("actions").replaceChildren(
      h("div", { class: "acts" },
        act("accept", "a", "merge", () => decideCluster({ verdict: "merge" })),
        act("reject", "x", "keep", () => decideCluster({ verdict: "keep" })),
        act("split", "s", "split", split),
        act("later", "l", "skip", () => decideCluster({ verdict: "skip" })),
        record ? h("span", { class: "verdict" }, `${VERDICT_SIGNS[record.verdict]} ${words.verdict[record.verdict]}`, record.by ? [" · ", h("bdi", {}, plain(record.by))] : null) : null,
        record ? button({ class: "quiet", onclick: () => decideCluster(null) }, words.withdraw) : null),
      h("div", { class: "signed" }, by, noted));
  }

  function decideCluster(what) {
    decide([[chosen, null, what && { ...what, note: $("note")?.value.trim() || undefined }]], what ? words.verdict[what.verdict] : words.withdraw);
  }

  function note(text) {
    const record = decisionOn(chosen);
    if (!record || (record.note ?? "") === text) return; // kept in the field until something is decided
    const { verdict, exclude } = record;
    decide([[chosen, null, { verdict, exclude, note: text }]], words.note);
  }

  function split() {
    const exclude = keysOf([...markedOut]);
    if (!exclude.length) { say(words.markFirst); return; }
    decideCluster({ verdict: "split", exclude });
    markedOut.clear();
  }

  // What decisions change is drawn again, and nothing else.
  function redrawDecisions() {
    drawProgress();
    drawCount();
    drawRows(true);
    if (!chosen) { drawOverview(); return; }
    const held = document.activeElement?.closest?.(".entry, .acts")?.dataset?.number;
    drawActions();
    drawBody();
    drawApparatus();
    if (active >= 0) activate(active, { entries: false });
    if (held != null) $(`entry-${held}`)?.querySelector(".nth")?.focus({ preventScroll: true });
  }

  function show(name) {
    view = name;
    drawPassage();
    writeAddress();
  }

  function back() {
    document.body.dataset.view = "list";
    drawRows(true);
    list.focus();
  }

  // --- one variant at a time

  const apart = () => getComputedStyle($("apparatus")).overflowY === "auto"; // the variants have a column of their own
  const mark = (number) => $("body")?.querySelector(`.v[data-number="${number}"], tr[data-number="${number}"]`);

  function activate(number, { text = false, entries = true } = {}) {
    for (const old of document.querySelectorAll(".active")) old.classList.remove("active");
    active = number;
    $("card")?.remove();
    if (number < 0) return;
    const variant = opened.variants[number];
    if (text && !opened.whole && variant.from >= PAGE && view === "text") { opened.whole = true; drawText(); return; }
    const inText = mark(number);
    const inList = $(`entry-${number}`);
    inText?.classList.add("active");
    inList?.classList.add("active");
    for (const place of document.querySelectorAll(`.d[data-number="${number}"]`)) place.classList.add("active");
    if (inText) {
      for (const other of $("body").querySelectorAll('.v[tabindex="0"]')) other.tabIndex = -1;
      if (inText.matches(".v")) inText.tabIndex = 0;
      if (text && !insight(inText)) inText.scrollIntoView({ block: "center" });
    }
    if (apart()) {
      if (entries) inList?.scrollIntoView({ block: "nearest" });
    } else if (inText) {
      const card = h("div", { id: "card", class: "entry", "data-number": number });
      card.append(...entry(variant).children);
      $("passage").append(card);
    }
  }

  function insight(element) {
    const { top, bottom } = element.getBoundingClientRect();
    const pane = (apart() ? $("passage") : $("detail")).getBoundingClientRect();
    const margin = 60; // some text around it, too
    return top > Math.max(pane.top, 0) + margin && bottom < Math.min(pane.bottom, innerHeight) - margin;
  }

  function stepVariant(by) {
    const shown = opened.variants.filter((variant) => isShown(variant));
    if (!shown.length) return;
    const at = shown.findIndex((variant) => variant.number === active);
    const to = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by));
    activate(shown[to].number, { text: true });
    mark(active)?.focus?.({ preventScroll: true });
  }

  // Under the mouse a variant is shown, not chosen: the mouse may lie anywhere while keys decide.
  $("passage").addEventListener("pointerover", (event) => {
    const on = event.pointerType === "mouse" && event.target.closest("#text .v[data-number]");
    for (const old of document.querySelectorAll(".shown")) old.classList.remove("shown");
    if (!on) return;
    const inList = $(`entry-${on.dataset.number}`);
    on.classList.add("shown");
    inList?.classList.add("shown");
    if (apart() && !$("own")) inList?.scrollIntoView({ block: "nearest" });
  });
  $("passage").addEventListener("click", (event) => {
    const on = event.target.closest("#body [data-number], .d[data-number]");
    if (on) activate(Number(on.dataset.number));
    else if (!event.target.closest("#card, button, select, input, textarea, label")) activate(-1);
  });
  $("passage").addEventListener("focusin", (event) => {
    const on = event.target.closest(".v[data-number]:focus-visible"); // not by the mouse, whose click is still to come
    if (on && Number(on.dataset.number) !== active) activate(Number(on.dataset.number));
  });
  $("apparatus").addEventListener("click", (event) => {
    const on = event.target.closest(".entry");
    if (on && !event.target.closest(".take, .acts, form")) activate(Number(on.dataset.number), { text: true, entries: false });
  });
