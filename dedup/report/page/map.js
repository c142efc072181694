  // --- a map of the sources: how much of each stands in each other one

  const MAPPED = 24; // sources on the map at most

  // Passages by pairs of sources: "a b" -> [[from, to] in a, …], told for both directions.
  function sharing(numbers) {
    const here = new Set(numbers);
    const spans = new Map();
    for (const cluster of clusters) {
      const of = cluster.witnesses.filter((row) => here.has(row[0]));
      const sources = [...new Set(of.map((row) => row[0]))];
      for (const row of of) for (const other of sources) {
        if (other === row[0] && of.filter((one) => one[0] === other).length < 2) continue;
        const name = `${row[0]} ${other}`;
        if (!spans.has(name)) spans.set(name, []);
        spans.get(name).push([row[1], row[2]]);
      }
    }
    return spans;
  }

  function covered(spans) {
    let [sum, done] = [0, 0];
    for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
      sum += Math.max(0, to - Math.max(from, done));
      done = Math.max(done, to);
    }
    return sum;
  }

  function mappedSources() {
    const held = new Map();
    for (const cluster of clusters) for (const row of cluster.witnesses) held.set(row[0], (held.get(row[0]) ?? 0) + row[2] - row[1]);
    return [...held].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MAPPED).map(([number]) => number).sort((a, b) => a - b);
  }

  const nameOf = (number) => spelled(paths[number]);
  const middle = (text, most) => (text.length <= most ? text : `${text.slice(0, Math.ceil(most / 2) - 1)}…${text.slice(-Math.floor(most / 2))}`);

  function drawMap() {
    const numbers = mappedSources();
    if (numbers.length < 1) return null;
    const spans = sharing(numbers);
    const sizes = new Map(manifest.inputs.map((row) => [row.path, row.characters]));
    const cell = numbers.length > 12 ? 26 : 44;
    const [left, top] = [176, 30];
    const [width, height] = [left + cell * numbers.length + 2, top + cell * numbers.length + 2];
    const drawing = s("svg", { class: "map", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": words.mapTitle });
    numbers.forEach((a, y) => {
      drawing.append(s("text", { x: left - 8, y: top + y * cell + cell / 2, class: "name", "text-anchor": "end", "dominant-baseline": "central" },
        s("title", {}, nameOf(a)), `${middle(nameOf(a), 21)}  ${y + 1}`),
      s("text", { x: left + y * cell + cell / 2, y: top - 8, class: "name", "text-anchor": "middle" }, s("title", {}, nameOf(a)), y + 1));
      numbers.forEach((b, x) => {
        const part = Math.min(1, covered(spans.get(`${a} ${b}`) ?? []) / (sizes.get(paths[a]) || 1));
        const label = words.cell(nameOf(a), nameOf(b), share(part, 1));
        const chosenPair = pair && pair[0] === a && pair[1] === b;
        const shade = s("rect", { x: left + x * cell, y: top + y * cell, width: cell - 2, height: cell - 2, rx: 2, class: part ? "heat" : "cold" });
        if (part) shade.style.fillOpacity = String(0.12 + 0.88 * Math.sqrt(part));
        const inside = [s("title", {}, label), shade];
        if (part && cell > 30) inside.push(s("text", { x: left + x * cell + cell / 2 - 1, y: top + y * cell + cell / 2, class: part > 0.3 ? "in dark" : "in", "text-anchor": "middle", "dominant-baseline": "central" }, part < 0.0095 ? "<1" : Math.round(100 * part)));
        drawing.append(part ? s("g", { class: `cell${chosenPair ? " chosen" : ""}`, role: "button", tabindex: "0", "aria-label": label, "aria-pressed": String(Boolean(chosenPair)), "data-pair": `${a}-${b}`,
          onclick: () => showPair(a, b), onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); showPair(a, b); } } }, inside) : s("g", {}, inside));
      });
    });
    return h("section", { class: "shared-map" }, h("h3", {}, words.mapTitle), h("p", { class: "dim" }, words.mapNote, numbers.length < paths.length ? ` ${words.mapMost(numbers.length)}` : ""),
      h("div", { class: "scroll" }, drawing));
  }

  function showPair(a, b) {
    pair = [a, b];
    drawOverview();
    document.querySelector(`[data-pair="${a}-${b}"]`)?.focus({ preventScroll: true });
    $("dots")?.scrollIntoView({ block: "nearest" });
    writeAddress();
  }
