  // --- decisions: one for each passage and each variant, kept by the browser, by a file, or by the server

  const FIELDS = ["cluster", "variant", "verdict", "text", "exclude", "by", "note", "seen"];
  const shelf = `dedup-review-${data.id}`;
  const decisions = new Map(); // place of a decision -> its record
  const past = []; // steps that can be undone: lists of [place, record before]
  let fresh = new Set(); // places decided since the file was saved
  let keeps = true;

  // A decision stands for a passage by its id or by a witness that it had when it was made.
  const byWitness = new Map();
  for (const cluster of clusters) for (const row of cluster.witnesses) if (row[9] && !byWitness.has(row[9])) byWitness.set(row[9], cluster.id);
  const placeOf = (record) => {
    const stem = record.cluster.replace(/-\d+$/, "");
    const id = clusterById.has(record.cluster) ? record.cluster : byWitness.get(stem) ?? record.cluster;
    return `${id} ${record.variant ? record.variant.slice(record.cluster.length) : ""}`;
  };
  const decisionOn = (cluster, variant) => decisions.get(`${cluster.id} ${variant ? (variant.id ?? variant).slice(cluster.id.length) : ""}`);
  const isOpen = (record) => !record || record.verdict === "skip";

  // How a passage stands: its variants still in doubt, and whether it is decided, as a whole or by what it was in doubt of.
  function standing(cluster) {
    if (!cluster.standing) {
      const whole = !isOpen(decisionOn(cluster));
      const doubts = whole ? 0 : cluster.doubts.filter((id) => isOpen(decisionOn(cluster, id))).length;
      const some = whole || (!doubts && cluster.variants.some((row) => !isOpen(decisionOn(cluster, row[0]))));
      cluster.standing = { doubts, decided: some };
    }
    return cluster.standing;
  }
  const openDoubts = (cluster) => standing(cluster).doubts;
  const isDecided = (cluster) => standing(cluster).decided;
  const isWaiting = (cluster) => standing(cluster).doubts > 0;

  function enter(place, record) {
    if (record) decisions.set(place, record);
    else decisions.delete(place);
    const cluster = clusterById.get(place.split(" ")[0]);
    if (cluster) cluster.standing = null;
  }

  for (const record of data.decisions) enter(placeOf(record), record);

  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(shelf) ?? "{}");
      for (const [place, record] of Object.entries(kept)) {
        if (JSON.stringify(decisions.get(place) ?? null) === JSON.stringify(record)) continue;
        enter(place, record);
        fresh.add(place);
      }
    } catch { keeps = false; }
  }

  function keep() {
    const kept = Object.fromEntries([...fresh].map((place) => [place, decisions.get(place) ?? null]));
    try { localStorage.setItem(shelf, JSON.stringify(kept)); } catch { keeps = false; }
  }

  const author = () => { try { return localStorage.getItem("dedup-review-by") ?? ""; } catch { return author.name_ ?? ""; } };
  function sign(name) {
    author.name_ = name;
    try { localStorage.setItem("dedup-review-by", name); } catch { keeps = false; }
  }

  const keysOf = (keys) => [...new Set(keys.filter(Boolean))].sort();

  // `changes`: [passage, variant or null, what is decided or null for nothing]; one step, undone as one.
  function decide(changes, said) {
    const step = [];
    for (const [cluster, variant, what] of changes) {
      const old = decisionOn(cluster, variant);
      const place = `${cluster.id} ${variant ? variant.id.slice(cluster.id.length) : ""}`;
      let record = null;
      if (what) {
        const base = { cluster: old?.cluster ?? cluster.id, variant: old?.variant ?? variant?.id, by: author() || old?.by, note: old?.note, ...what };
        if (!variant) base.seen = keysOf(cluster.witnesses.map((row) => row[9]));
        record = Object.fromEntries(FIELDS.filter((name) => base[name] != null && (base[name].length || name === "text")).map((name) => [name, base[name]]));
      }
      step.push([place, old]);
      put(place, record);
    }
    past.push(step);
    tell(step.map(([place]) => place), step);
    say(said, true);
    redrawDecisions();
  }

  function put(place, record) {
    enter(place, record);
    fresh.add(place);
  }

  function undo() {
    const step = past.pop();
    if (!step) { say(words.nothingToUndo); return; }
    const after = step.map(([place]) => [place, decisions.get(place)]);
    for (const [place, record] of step.toReversed()) put(place, record);
    tell(step.map(([place]) => place), after);
    say(words.undone);
    const cluster = clusterById.get(step[0][0].split(" ")[0]);
    if (cluster && step.length === 1 && cluster !== chosen && chosen) choose(cluster);
    redrawDecisions();
  }

  function tell(places, before) {
    keep();
    if (data.served) send(places, before);
  }

  // As Python writes it, to the byte.
  function line(record) {
    const value = (of) => (Array.isArray(of) ? `[${of.map(value).join(", ")}]` : JSON.stringify(of));
    return `{${FIELDS.filter((name) => name in record).map((name) => `"${name}": ${value(record[name])}`).join(", ")}}\n`;
  }
  const inOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const fileOfDecisions = () =>
    [...decisions.values()].sort((a, b) => inOrder(a.cluster, b.cluster) || inOrder(a.variant ?? "", b.variant ?? "")).map(line).join("");

  function save() {
    offer("decisions.jsonl", fileOfDecisions());
    fresh.saved = fresh.size;
    drawProgress();
    say(words.saved);
  }
