  // --- keys; they rest while something is typed or composed

  let asking = false; // after m, for the number of a witness

  const help = () => sheet("help");

  function sheet(name) {
    const dialog = $("sheet");
    if (dialog.open) { dialog.close(); return; }
    const inside = name === "inputs" ? inputsTable() : words.help.map(([title, rows]) => h("section", {}, h("h3", {}, title),
      h("dl", {}, rows.map((row) => [h("dt", {}, row.slice(0, -1).flatMap((one) => [h("kbd", {}, one), " "])), h("dd", {}, row.at(-1))]))));
    dialog.setAttribute("aria-label", name === "inputs" ? words.inputs : words.keys);
    dialog.className = name;
    dialog.replaceChildren(button({ class: "quiet close", onclick: () => dialog.close() }, words.close, key("Esc")), ...inside.filter(Boolean));
    dialog.showModal();
  }

  const inPassage = (run) => () => { if (chosen) run(); };
  const KEYS = {
    j: () => step(1), k: () => step(-1), n: inPassage(() => stepVariant(1)), p: inPassage(() => stepVariant(-1)),
    "/": () => { document.body.dataset.view = "list"; query.focus(); query.select(); },
    f: () => { document.body.dataset.view = "list"; const panel = $("filters"); panel.open = !panel.open; if (panel.open) panel.querySelector("select").focus(); },
    o: () => choose(null, true), "?": help, u: undo,
    t: inPassage(() => show(view === "text" ? "table" : "text")),
    a: inPassage(() => {
      if (active >= 0) acceptVariant(opened.variants[active]);
      else { decideCluster({ verdict: "merge" }); advance(); }
    }),
    x: inPassage(() => { decideCluster({ verdict: "keep" }); advance(); }),
    l: inPassage(() => {
      if (active >= 0) decideVariant(opened.variants[active], { verdict: "skip" }, words.verdict.skip);
      else { decideCluster({ verdict: "skip" }); advance(); }
    }),
    s: inPassage(split),
    m: inPassage(() => {
      const held = document.activeElement?.closest?.("[data-witness]");
      if (held) toggleWitness(Number(held.dataset.witness));
      else { asking = true; say(words.which); }
    }),
    e: inPassage(() => edit(opened.variants[active] ?? opened.variants.find((variant) => variant.review && isShown(variant)) ?? opened.variants.find(isShown))),
  };

  // After a passage is decided, the next one; the list itself stands still.
  function advance() {
    if (listed[chosen.at] === chosen && chosen.at + 1 < listed.length) choose(listed[chosen.at + 1]);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.('input:not([type="checkbox"]), select, textarea');
    if ($("sheet").open) {
      if (event.key === "?") { event.preventDefault(); $("sheet").close(); }
      return;
    }
    if (event.key === "Escape") {
      asking = false;
      if (typing || event.target.closest?.("details")) list.focus();
      if ($("filters").open) $("filters").open = false;
      else activate(-1);
      return;
    }
    if (typing) return;
    if (asking && /^[1-9]$/.test(event.key)) { asking = false; event.preventDefault(); toggleWitness(Number(event.key) - 1); return; }
    asking = false;
    if (chosen && /^[1-9]$/.test(event.key)) { event.preventDefault(); takeWitness(Number(event.key) - 1); return; }
    const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
    if (act) { event.preventDefault(); act(); }
    else if ((event.key === "Enter" || event.key === " ") && event.target.matches?.(".v")) { event.preventDefault(); event.target.click(); }
  });
