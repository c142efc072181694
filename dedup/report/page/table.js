  // --- the alignment table: a row for each place where witnesses differ, a column for those that agree everywhere

  const CELL = 80; // characters of a reading in a cell

  function drawTable() {
    const { body, variants, witnesses } = opened;
    const shown = variants.filter(isShown);
    const columns = new Map();
    for (const { number } of witnesses) {
      const readings = shown.map((variant) => variant.others.findIndex((other) => other.witnesses.includes(number))).join();
      columns.set(readings, [...(columns.get(readings) ?? []), number]);
    }
    const sets = [...columns.values()];
    const brief = (text) => (text.length > CELL ? [...marked(text.slice(0, CELL).replace(/[\ud800-\udbff]$/, "")), "…"] : marked(text));
    const rows = [];
    let done = 0;
    for (const variant of shown.slice(0, opened.allVariants ? shown.length : AT_ONCE)) {
      const between = flat(slice(body, done, Math.max(done, variant.from)));
      if (between.trim()) {
        const [head, tail] = between.length > 44 ? [between.slice(0, 20), between.slice(-20)] : [between, ""];
        rows.push(h("tr", { class: "shared" }, h("td", {}), h("td", { colspan: sets.length, lang: chosen.lang }, plain(head), tail ? [" … ", plain(tail)] : null)));
      }
      done = Math.max(done, variant.to);
      const decided = decidedText(variant);
      rows.push(h("tr", { class: `${groupOf(variant.kind)}${variant.review && decided == null ? " review" : ""}`, "data-number": variant.number },
        h("th", { scope: "row" }, button({ class: "nth", onclick: () => activate(variant.number, { text: true }) }, variant.number + 1, variant.review ? h("span", { class: "flag" }, "!") : null), " ", h("span", { class: "dim" }, words.name(variant.kind))),
        sets.map((numbers) => {
          const other = otherOf(variant, numbers[0]);
          const text = other ? other.text : variant.text;
          return h("td", { class: `${other ? "differs" : "agrees"}${decided === text ? " chosen" : ""}`, lang: witnesses[numbers[0]].lang, dir: "auto" },
            other ? h("span", { class: "mark", "aria-hidden": "true" }, variant.text === "" ? "+" : text === "" ? "−" : "≠") : null,
            text ? brief(text) : h("span", { class: "absent", title: words.absent }, "∅"));
        })));
    }
    const rest = shown.length - Math.min(shown.length, AT_ONCE);
    return [
      h("p", { class: "dim lead" }, words.tableNote),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.table },
        h("table", { class: "alignment" },
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words.variant), sets.map((numbers) => h("th", { scope: "col" }, sigla(numbers))))),
          h("tbody", {}, rows))),
      rest && !opened.allVariants ? button({ class: "quiet more", onclick: () => { opened.allVariants = true; drawBody(); } }, words.rest(figure(rest))) : null,
    ];
  }
