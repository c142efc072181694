  // --- what the list shows, and in which order

  const ORDERS = {
    doubt: (a, b) => openDoubts(b) - openDoubts(a) || b.doubts.length - a.doubts.length || a.confidence - b.confidence || b.letters - a.letters || a.place - b.place,
    size: (a, b) => b.letters - a.letters || a.place - b.place,
    most: (a, b) => b.witnesses.length - a.witnesses.length || b.letters - a.letters || a.place - b.place,
    place: (a, b) => a.place - b.place,
  };
  const LENGTHS = ["0-50", "50-200", "200-1000", "1000-"];
  const SIMILARITIES = ["0-0.8", "0.8-0.95", "0.95-1", "1-"];
  const within = (range, value) => {
    const [low, high] = range.split("-");
    return value >= Number(low) && (high === "" || value < Number(high));
  };

  function haystack(cluster) {
    cluster.hay ??= [cluster.id, cluster.text, ...cluster.witnesses.map((row) => paths[row[0]]), ...cluster.variants.flatMap((row) => row[6].map((reading) => reading[0]))]
      .join("\n").normalize("NFKC").toLowerCase();
    return cluster.hay;
  }

  function fits(cluster, needle) {
    return (!filter.relation || cluster.relation === filter.relation) &&
      (!filter.kind || cluster.kinds.has(filter.kind)) &&
      (!filter.source || cluster.sources.has(Number(filter.source))) &&
      (!filter.similarity || within(filter.similarity, cluster.similarity)) &&
      (!filter.length || within(filter.length, cluster.letters)) &&
      (!filter.review || (filter.review === "yes") === cluster.doubts.length > 0) &&
      (!filter.decided || (filter.decided === "yes") === isDecided(cluster)) &&
      (!needle || haystack(cluster).includes(needle));
  }

  function sift() {
    const needle = filter.query.trim().normalize("NFKC").toLowerCase();
    listed = clusters.filter((cluster) => fits(cluster, needle)).sort(ORDERS[filter.order]);
    for (const [at, cluster] of listed.entries()) cluster.at = at;
    drawCount();
    list.scrollTop = 0;
    if (chosen && listed[chosen.at] === chosen) reveal(chosen.at);
    else drawRows(true);
  }

  function narrow(change) {
    Object.assign(filter, change);
    showFilter();
    sift();
    writeAddress();
  }

  function showFilter() {
    for (const control of document.querySelectorAll("[data-key]")) {
      const value = filter[control.dataset.key];
      if (control.tagName === "BUTTON") control.setAttribute("aria-pressed", String(value === control.dataset.value));
      else control.value = value;
    }
    const on = Object.keys(NARROW).filter((name) => name !== "query" && name !== "order" && filter[name]);
    $("filters").querySelector("summary b").textContent = on.length ? String(on.length) : "";
    $("clear").hidden = !on.length && !filter.query;
  }

  function drawFilters() {
    const select = (name, label, options) =>
      h("label", {}, h("span", {}, label), h("select", { "data-key": name, onchange: (event) => narrow({ [name]: event.target.value }) },
        options.map(([value, text]) => h("option", { value }, text))));
    const any = ["", words.any];
    const here = new Set(clusters.flatMap((cluster) => [...cluster.kinds]));
    const range = (show) => (value) => {
      const [low, high] = value.split("-").map((edge) => (edge === "" ? null : show(Number(edge))));
      return [value, high == null ? (low === show(1) ? low : words.above(low)) : value.startsWith("0-") ? words.below(high) : words.between(low, high)];
    };
    const whole = (x) => `${Math.round(100 * x)} %`;
    query.placeholder = words.search;
    query.setAttribute("aria-label", words.search);
    list.setAttribute("aria-label", words.clusters);
    $("clusters").setAttribute("aria-label", words.clusters);
    const wasOpen = $("filters")?.open ?? false;
    $("clusters").replaceChildren(
      h("form", { role: "search", onsubmit: found }, query,
        h("div", { class: "ordering" },
          h("details", { id: "filters", open: wasOpen }, h("summary", {}, words.filters, " ", h("b", {}), " ", key("f")),
            h("div", { class: "selects" },
              select("review", words.reviewed, [any, ["yes", words.needs], ["no", words.needsNot]]),
              select("decided", words.decided, [any, ["no", words.open_], ["yes", words.done]]),
              select("relation", words.relation, [any, ...Object.keys(SIGNS).filter((name) => counts.clusters[name]).map((name) => [name, `${SIGNS[name]} ${words.name(name)}`])]),
              select("kind", words.class, [any, ...classes.filter((kind) => here.has(kind)).toReversed().map((kind) => [kind, words.name(kind)])]),
              select("source", words.source, [any, ...paths.slice(0, 2000).map((path, number) => [String(number), spelled(path)])]),
              select("similarity", words.similarity, [any, ...SIMILARITIES.map(range(whole))]),
              select("length", words.length, [any, ...LENGTHS.map(range(figure))]))),
          select("order", unseen(words.order), Object.keys(ORDERS).map((order) => [order, words[order]])))),
      h("div", { class: "count" }, h("span", { id: "count" }), button({ id: "clear", class: "quiet", onclick: () => narrow({ ...NARROW, order: filter.order }) }, words.clear), button({ id: "bulk", class: "quiet", onclick: acceptListed })),
      list);
  }

  function drawCount() {
    const open = listed.filter((cluster) => !isDecided(cluster)).length;
    $("count").textContent = words.of(figure(listed.length), figure(clusters.length));
    $("bulk").textContent = words.acceptAll(figure(open));
    $("bulk").hidden = !open;
  }

  function acceptListed() {
    const open = listed.filter((cluster) => !isDecided(cluster));
    if (!open.length) { say(words.nothingOpen); return; }
    decide(open.map((cluster) => [cluster, null, { verdict: "merge" }]), words.acceptedAll(figure(open.length), open.length));
  }
