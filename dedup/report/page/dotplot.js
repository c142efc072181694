  // --- a dot plot of two sources: where in both each passage stands

  function segments(a, b) {
    const found = [];
    for (const cluster of clusters) {
      const [ours, theirs] = [cluster.witnesses.filter((row) => row[0] === a), cluster.witnesses.filter((row) => row[0] === b)];
      for (const x of ours.slice(0, 50)) for (const y of theirs.slice(0, 50)) if (a !== b || x[1] < y[1]) found.push({ cluster, x: [x[1], x[2]], y: [y[1], y[2]] });
    }
    return found.sort((p, q) => p.x[0] - q.x[0] || p.y[0] - q.y[0]);
  }

  // The heaviest run of passages that stand in one order in both texts. Of the others, those were moved whose places
  // it leaves out on both sides; the rest says again what the run says already.
  function markOrder(found) {
    const best = [];
    const tops = []; // [end in y, weight, index], both ascending
    found.forEach((segment, i) => {
      let [low, high] = [0, tops.length];
      while (low < high) {
        const at = (low + high) >> 1;
        if (tops[at][0] <= segment.y[0] + 2) low = at + 1;
        else high = at;
      }
      const before = low ? tops[low - 1] : null;
      const weight = (before ? before[1] : 0) + segment.x[1] - segment.x[0];
      best[i] = before ? before[2] : -1;
      let at = tops.findIndex((top) => top[0] >= segment.y[1]);
      if (at < 0) at = tops.length;
      if (at > 0 && tops[at - 1][1] >= weight) return;
      let end = at;
      while (end < tops.length && tops[end][1] <= weight) end++;
      tops.splice(at, end - at, [segment.y[1], weight, i]);
    });
    const run = [];
    for (let i = tops.length ? tops.at(-1)[2] : -1; i >= 0; i = best[i]) run.push(found[i]);
    const inRun = new Set(run);
    const [x, y] = [coverage(run.map((segment) => segment.x)), coverage(run.map((segment) => segment.y))];
    for (const segment of found) segment.order = inRun.has(segment) ? "ordered" : x(segment.x) || y(segment.y) ? "again" : "moved";
    return found;
  }

  // Whether most of a stretch lies in others, which do not overlap.
  function coverage(stretches) {
    const sorted = stretches.sort((a, b) => a[0] - b[0]);
    return ([from, to]) => {
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const at = (low + high) >> 1;
        if (sorted[at][1] <= from) low = at + 1;
        else high = at;
      }
      let sum = 0;
      for (let i = low; i < sorted.length && sorted[i][0] < to; i++) sum += Math.max(0, Math.min(to, sorted[i][1]) - Math.max(from, sorted[i][0]));
      return 2 * sum > to - from;
    };
  }

  function drawDots() {
    if (!pair) return null;
    const [a, b] = pair;
    const found = markOrder(segments(a, b));
    const sizeOf = (number) => manifest.inputs.find((row) => row.path === paths[number])?.characters || 1;
    const [width, height] = [520, 400];
    const [toX, toY] = [(at) => 8 + (at / sizeOf(a)) * (width - 16), (at) => 8 + (at / sizeOf(b)) * (height - 16)];
    const moved = found.filter((segment) => segment.order === "moved").length;
    const sum = words.dotSum(figure(found.length), figure(moved));
    const drawing = s("svg", { class: "dots", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${nameOf(a)}, ${nameOf(b)}: ${sum}` },
      s("rect", { x: 0.5, y: 0.5, width: width - 1, height: height - 1, class: "frame" }),
      [0.25, 0.5, 0.75].flatMap((at) => [s("path", { d: `M${8 + at * (width - 16)} 0V${height}M0 ${8 + at * (height - 16)}H${width}`, class: "grid" })]),
      found.slice(0, 20_000).map(({ cluster, x, y, order }) => s("g", { class: `segment ${order}`, onclick: () => choose(cluster, true) },
        s("title", {}, `${flat(spelled(cluster.text.slice(0, 60)))}`),
        s("path", { d: `M${toX(x[0]).toFixed(1)} ${toY(y[0]).toFixed(1)}L${Math.max(toX(x[0]) + 2, toX(x[1])).toFixed(1)} ${Math.max(toY(y[0]) + 2, toY(y[1])).toFixed(1)}` }),
        order === "moved" ? s("circle", { cx: toX(x[0]).toFixed(1), cy: toY(y[0]).toFixed(1), r: 3 }) : null)));
    const item = ({ cluster, x, y }) => h("li", {}, button({ class: "quiet", onclick: () => choose(cluster, true) }, h("span", { lang: cluster.lang, dir: "auto" }, plain(flat(cluster.text.slice(0, 40))))), h("span", { class: "dim" }, ` ${figure(x[0])} ↔ ${figure(y[0])}`));
    return h("section", { id: "dots" }, h("h3", {}, words.dotTitle), h("p", { class: "dim" }, words.dotNote),
      h("figure", {}, h("p", { class: "axis" }, "→ ", h("bdi", {}, plain(paths[a]))), h("p", { class: "axis" }, "↓ ", h("bdi", {}, plain(paths[b]))), drawing,
        h("figcaption", {}, h("span", { class: "key ordered" }, words.inOrder), h("span", { class: "key moved" }, words.moved), h("span", { class: "key again" }, words.saidAgain), h("span", { class: "dim" }, sum))),
      moved ? h("details", {}, h("summary", {}, `${words.moved}${words.colon}${figure(moved)}`), h("ol", {}, found.filter((segment) => segment.order === "moved").slice(0, 200).map(item))) : null);
  }
