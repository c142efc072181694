  // --- decisions: one for each passage and each variant, kept by the browser, by a file, or by the server

  const FIELDS = ["cluster", "variant", "verdict", "text", "exclude", "by", "note", "seen"];
  const SHELF = `dedup-review-${data.id}`; // where this browser keeps what is in no file yet
  const NAME = "dedup-review-by";
  const decisions = new Map(); // place of a decision -> its record
  const past = []; // steps that can be undone: lists of [place, record before]
  const fresh = new Set(); // places decided in this browser
  let unsaved = false; // whether something was decided since the file was saved
  let keeps = true; // whether the browser does keep them
  let author = "";

  // A place is a passage's id and what tells a variant in it. A decision stands for a passage by its id, or by a
  // witness that it had when it was made.
  const placeAt = (cluster, variant = "") => `${cluster} ${variant}`;
  const placeIn = (cluster, variant) => placeAt(cluster.id, (variant?.id ?? variant ?? "").slice(cluster.id.length));
  const byWitness = new Map(clusters.toReversed().flatMap((cluster) => cluster.witnesses.map((row) => [row[9], cluster.id])));
  function placeOf({ cluster, variant = "" }) {
    const id = clusterById.has(cluster) ? cluster : byWitness.get(cluster.replace(/-\d+$/, "")) ?? cluster;
    return placeAt(id, variant.slice(cluster.length));
  }
  const clusterAt = (place) => clusterById.get(place.split(" ")[0]);
  const decisionOn = (cluster, variant) => decisions.get(placeIn(cluster, variant));
  const isOpen = (record) => !record || record.verdict === "skip";

  // A witness that came after the passage was decided, by its key.
  const isNew = (record, witness) => Boolean(record?.seen?.length && witness && !record.seen.includes(witness));

  // How a passage stands: what of it is still in doubt, and whether it is decided, as a whole or by what was in doubt.
  function standing(cluster) {
    if (!cluster.standing) {
      const record = decisionOn(cluster);
      const grown = cluster.witnesses.some((row) => isNew(record, row[9]));
      const whole = !isOpen(record) && !grown;
      const doubts = whole ? 0 : cluster.doubts.filter((id) => isOpen(decisionOn(cluster, id))).length + (grown ? 1 : 0);
      const decided = whole || (!doubts && cluster.variants.some((row) => !isOpen(decisionOn(cluster, row[0]))));
      cluster.standing = { doubts, decided };
    }
    return cluster.standing;
  }
  const openDoubts = (cluster) => standing(cluster).doubts;
  const isDecided = (cluster) => standing(cluster).decided;
  const isWaiting = (cluster) => standing(cluster).doubts > 0;

  function enter(place, record) {
    if (record) decisions.set(place, record);
    else decisions.delete(place);
    const cluster = clusterAt(place);
    if (cluster) cluster.standing = null;
  }

  for (const record of data.decisions) enter(placeOf(record), record);

  // --- what the browser keeps; the witnesses seen are left out where they are those of the page

  const keysOf = (keys) => [...new Set(keys.filter(Boolean))].sort();
  const seenIn = (cluster) => keysOf(cluster.witnesses.map((row) => row[9]));
  const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

  function brief(place, record) {
    const cluster = clusterAt(place);
    const { seen, ...rest } = record ?? {};
    return record && cluster && same(seen, seenIn(cluster)) ? rest : record ?? null;
  }

  function recall() {
    try {
      author = localStorage.getItem(NAME) ?? "";
      for (const [place, record] of Object.entries(JSON.parse(localStorage.getItem(SHELF) ?? "{}"))) {
        const cluster = clusterAt(place);
        if (record && !record.variant && !record.seen && cluster) record.seen = seenIn(cluster);
        if (same(decisions.get(place), record)) continue;
        enter(place, record);
        fresh.add(place);
        unsaved = true;
      }
    } catch { keeps = false; }
  }

  // Other tabs keep theirs on the same shelf. `done`: places that need not be kept any more.
  function keep(done = []) {
    try {
      const kept = JSON.parse(localStorage.getItem(SHELF) ?? "{}");
      for (const place of done) delete kept[place];
      for (const place of fresh) kept[place] = brief(place, decisions.get(place));
      localStorage.setItem(SHELF, JSON.stringify(kept));
    } catch { keeps = false; }
  }

  function sign(name) {
    author = name;
    try { localStorage.setItem(NAME, name); } catch { keeps = false; }
  }

  // --- deciding

  // `changes`: [passage, variant or null, what is decided or null for nothing]; one step, undone as one.
  function decide(changes, said) {
    const step = changes.map(([cluster, variant, what]) => {
      const [place, old] = [placeIn(cluster, variant), decisionOn(cluster, variant)];
      const base = { cluster: old?.cluster ?? cluster.id, variant: old?.variant ?? variant?.id, by: author || old?.by, note: old?.note, seen: variant ? null : seenIn(cluster), ...what };
      const told = FIELDS.filter((name) => base[name] != null && (base[name].length || name === "text"));
      return [place, old, what && Object.fromEntries(told.map((name) => [name, base[name]]))];
    });
    past.push(step.map(([place, old]) => [place, old]));
    make(step);
    say(said, true);
    redrawDecisions();
  }

  function undo() {
    const step = past.pop();
    if (!step) { say(words.nothingToUndo); return; }
    make(step.map(([place, old]) => [place, decisions.get(place), old]));
    say(words.undone);
    const cluster = clusterAt(step[0][0]);
    if (cluster && step.length === 1 && chosen && cluster !== chosen) choose(cluster);
    redrawDecisions();
  }

  // `step`: [place, record before, record after].
  function make(step) {
    for (const [place, , record] of step) {
      enter(place, record);
      fresh.add(place);
    }
    unsaved = true;
    keep();
    if (data.served) send(step);
  }

  // --- the file, as Python writes it, to the byte

  function line(record) {
    const value = (of) => (Array.isArray(of) ? `[${of.map(value).join(", ")}]` : JSON.stringify(of));
    return `{${FIELDS.filter((name) => name in record).map((name) => `"${name}": ${value(record[name])}`).join(", ")}}\n`;
  }
  const inOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const fileOfDecisions = () =>
    [...decisions.values()].sort((a, b) => inOrder(a.cluster, b.cluster) || inOrder(a.variant ?? "", b.variant ?? "")).map(line).join("");

  function save() {
    offer("decisions.jsonl", fileOfDecisions());
    unsaved = false;
    drawProgress();
    say(words.saved);
  }
