  // --- the overview: what came in, what left, who shares what with whom, what is to be done

  function drawOverview() {
    const total = Object.values(counts.variants).reduce((sum, n) => sum + n, 0);
    const relations = Object.keys(SIGNS).filter((relation) => counts.clusters[relation]);
    const all = relations.reduce((sum, relation) => sum + counts.clusters[relation], 0);
    const places = Object.values(counts.witnesses).reduce((sum, n) => sum + n, 0);
    const doubtful = clusters.filter((cluster) => cluster.doubts.length);
    const open = clusters.reduce((sum, cluster) => sum + openDoubts(cluster), 0);
    const big = (label, value, ...under) => h("section", {}, h("h3", {}, label), h("p", { class: "big" }, value), under.map((text) => h("p", {}, text)));
    $("passage").setAttribute("aria-label", words.overview);
    $("apparatus").replaceChildren();
    $("passage").replaceChildren(h("div", { class: "overview" }, ...[
      h("h2", { class: "unseen" }, words.overview),
      h("div", { class: "figures" },
        big(words.came, words.sources(figure(counts.sources), counts.sources), `${figure(counts.characters)} ${words.characters}`, `${figure(counts.letters)} ${words.letters}`),
        big(words.left, words.removed(figure(counts.removed_characters)), words.ofAll(share(counts.removed_characters, counts.characters)), words.remain(figure(counts.corpus_characters), figure(counts.paragraphs))),
        big(words.stands, words.passages(figure(all), all), words.places(figure(places))),
        big(words.differs, words.variants(figure(total), total)),
        h("section", { class: "check" }, h("h3", {}, words.check),
          doubtful.length ? [h("p", { class: "big" }, bang(), ` ${words.variants(figure(open), open)}`), h("p", {}, words.reviews(figure(doubtful.filter(isWaiting).length), doubtful.filter(isWaiting).length)),
            button({ class: "act", disabled: !open, onclick: begin }, words.begin)] : h("p", { class: "big" }, words.none))),
      clusters.length ? null : h("p", { class: "nothing" }, words.empty),
      data.omitted ? h("p", { class: "nothing" }, words.omitted(figure(data.omitted))) : null,
      staleDecisions(manifest.decisions?.stale ?? []),
      h("div", { class: "charts" },
        bars(words.classesTitle, classes.filter((kind) => counts.variants[kind]).toReversed().map((kind) => [kind, counts.variants[kind], groupOf(kind)]), "kind"),
        h("div", { class: "column" }, bars(words.relationsTitle, relations.map((relation) => [relation, counts.clusters[relation], "", SIGNS[relation]]), "relation"), bySource())),
      h("div", { class: "charts" }, paths.length ? drawMap() : null, drawDots()),
    ].filter(Boolean)));
  }

  function bars(title, rows, name) {
    const most = Math.max(1, ...rows.map((row) => row[1]));
    return rows.length ? h("section", { class: "bars" }, h("h3", {}, title), h("ul", {}, rows.map(([value, n, group, sign]) => {
      const bar = h("i", { class: group, "aria-hidden": "true" });
      bar.style.width = `${Math.max(0.5, (100 * n) / most)}%`;
      const doubts = name === "kind" ? clusters.reduce((sum, cluster) => sum + (cluster.kinds.has(value) && cluster.doubts.length ? cluster.variants.filter((row) => row[1] === value && row[8]).length : 0), 0) : 0;
      return h("li", {}, button({ class: "name", "data-key": name, "data-value": value, "aria-pressed": String(filter[name] === value), onclick: () => narrow({ [name]: filter[name] === value ? "" : value }) }, sign ? h("span", { class: "sign", "aria-hidden": "true" }, sign) : null, words.name(value)),
        h("span", { class: "track" }, bar), h("b", {}, figure(n)), h("span", { class: "flag" }, doubts ? [bang(), ` ${figure(doubts)}`, unseen(` ${words.needsReview}`)] : ""));
    }))) : null;
  }

  function bySource() {
    const rows = manifest.inputs.slice(0, 40);
    return h("section", { class: "bars sources" }, h("h3", {}, words.bySource), h("ul", {}, rows.map((row) => {
      const gone = data.removed[row.path] ?? 0;
      const bar = h("i", { class: "gone", "aria-hidden": "true" });
      bar.style.width = `${row.characters ? (100 * gone) / row.characters : 0}%`;
      const number = paths.indexOf(row.path);
      const name = plain(row.path);
      return h("li", {}, number < 0 ? h("span", { class: "name" }, h("bdi", {}, name))
        : button({ class: "name", "data-key": "source", "data-value": number, "aria-pressed": String(filter.source === String(number)), onclick: () => narrow({ source: filter.source === String(number) ? "" : String(number) }) }, h("bdi", {}, name)),
      h("span", { class: "track" }, bar), h("b", { title: words.characters }, figure(row.characters)), h("span", { class: "dim" }, gone ? `${share(gone, row.characters)} ${words.leave}` : words.stay));
    })), manifest.inputs.length > 40 ? h("p", { class: "dim" }, `… ${words.sources(figure(manifest.inputs.length))}`) : null);
  }

  function staleDecisions(stale) {
    return stale.length ? h("details", { class: "stale" }, h("summary", {}, bang(), ` ${words.stale(figure(stale.length), stale.length)}`),
      h("ol", {}, stale.slice(0, 500).map((row) => h("li", {}, h("span", { class: "mono" }, row.variant ?? row.cluster), ` ${words.verdict[row.verdict] ?? row.verdict}${words.colon}`, plain(row.reason))))) : null;
  }

  function begin() {
    narrow({ ...NARROW, review: "yes", decided: "no" });
    if (listed[0]) choose(listed[0], true);
    const first = opened.variants.find((variant) => variant.review);
    if (first) activate(first.number, { text: true });
    $("passage").focus({ preventScroll: true });
  }

  // --- the line at the top

  function drawTop() {
    $("top").replaceChildren(
      h("h1", {}, "dedup ", h("span", {}, words.review)),
      button({ id: "home", class: "tag", "aria-pressed": String(!chosen), onclick: () => { choose(null, true); } }, words.overview),
      h("span", { id: "progress" }),
      h("span", { class: "ends" },
        data.served ? button({ id: "again", class: "act", onclick: mergeAgain }, words.again) : null,
        button({ id: "save", class: "act", onclick: save }, words.save),
        button({ class: "quiet", id: "help-open", onclick: () => help() }, words.keys, key("?")),
        button({ class: "quiet", onclick: () => sheet("inputs") }, words.inputs),
        button({ class: "quiet", lang: lang === "en" ? "zh-Hans" : "en", onclick: () => switchTo(lang === "en" ? "zh-Hans" : "en") }, words.other)));
    drawProgress();
  }

  function drawProgress() {
    const done = clusters.filter(isDecided).length;
    const waiting = clusters.filter(isWaiting).length;
    $("progress").replaceChildren(h("span", {}, words.decidedOf(figure(done), figure(clusters.length))), " ",
      waiting ? h("span", { class: "flag" }, bang(), ` ${figure(waiting)}`, unseen(` ${words.needsReview}`)) : "",
      !keeps ? h("span", { class: "flag" }, words.keepsNothing) : data.served ? h("span", { id: "sent", class: "dim" }, waitingToSend() ? words.unsaved : words.kept)
        : unsaved ? h("span", { class: "dim" }, words.unsaved) : "");
  }

  function inputsTable() {
    const cell = (text, attributes = {}) => h("td", attributes, text);
    const newline = (value) => ({ "\n": "LF", "\r\n": "CRLF", "\r": "CR" })[value] ?? words.mixed;
    const settings = Object.entries(manifest.settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("   ");
    return [
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.inputs }, h("table", {},
        h("thead", {}, h("tr", {}, [words.path, words.characters, words.gone, "%", words.bytes, words.encoding, words.newline, "SHA-256"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, manifest.inputs.slice(0, 1000).map((row) => h("tr", {},
          h("th", { scope: "row" }, plain(row.path)), cell(figure(row.characters), { class: "n" }),
          cell(figure(data.removed[row.path] ?? 0), { class: "n" }), cell(share(data.removed[row.path] ?? 0, row.characters), { class: "n" }),
          cell(figure(row.bytes), { class: "n" }), cell(row.encoding + (row.bom ? " BOM" : "")), cell(newline(row.newline)),
          cell(row.sha256.slice(0, 12), { title: row.sha256, class: "mono" }))),
        manifest.inputs.length > 1000 ? h("tr", {}, cell(`… ${figure(manifest.inputs.length)}`, { colspan: 8 })) : null))),
      manifest.skipped.length ? h("p", {}, `${words.skipped}${words.colon}`, plain(manifest.skipped.slice(0, 200).map((row) => `${row.path} (${row.reason})`).join(", "))) : null,
      h("p", {}, `${words.settings}${words.colon}`, h("span", { class: "mono" }, settings)),
      h("p", {}, h("span", { class: "mono" }, `${manifest.program.name} ${manifest.program.version}`)),
    ];
  }
