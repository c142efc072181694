  // --- state; what a reader would want to come back to stands in the address

  const NARROW = { query: "", relation: "", kind: "", source: "", similarity: "", length: "", review: "", decided: "", order: "doubt" };
  const SHORT = { query: "q", kind: "class" };
  const filter = { ...NARROW };
  const hiddenGroups = new Set(["layout"]);
  let listed = []; // the passages that the filter shows, in order
  let chosen = null; // the passage shown, or null: the overview
  let opened = { body: "", witnesses: [], variants: [] }; // its rows as objects
  let view = "text"; // or "table"
  let readAs = -1; // the witness whose readings stand in the text, or -1
  let active = -1; // the number of the variant chosen
  let pair = null; // two sources, by number: whose dot plot is shown
  const markedOut = new Set(); // keys of the witnesses to be split off

  function writeAddress() {
    const said = new URLSearchParams();
    if (chosen) said.set("passage", chosen.id);
    if (view !== "text") said.set("view", view);
    const hidden = [...hiddenGroups].sort().join("-");
    if (hidden !== "layout") said.set("hide", hidden);
    if (pair) said.set("pair", pair.join("-"));
    for (const [name, value] of Object.entries(filter)) if (value !== NARROW[name]) said.set(SHORT[name] ?? name, value);
    const address = said.size ? `#${said}` : "";
    if (address === location.hash) return;
    try { history.replaceState(null, "", address || location.pathname + location.search); } catch { /* too many in a short time */ }
  }

  function readAddress() {
    const said = new URLSearchParams(location.hash.slice(1));
    Object.assign(filter, NARROW);
    for (const name of Object.keys(NARROW)) filter[name] = said.get(SHORT[name] ?? name) ?? NARROW[name];
    if (!(filter.order in ORDERS)) filter.order = NARROW.order;
    view = said.get("view") === "table" ? "table" : "text";
    hiddenGroups.clear();
    for (const group of (said.get("hide") ?? "layout").split("-")) if (GROUPS.includes(group)) hiddenGroups.add(group);
    const [a, b] = (said.get("pair") ?? "").split("-").map(Number);
    pair = a in paths && b in paths ? [a, b] : null;
    return clusterById.get(said.get("passage")) ?? null;
  }
