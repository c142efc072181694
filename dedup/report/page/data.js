  // --- the data: rows are lists, in the order in which html.py writes them

  const data = JSON.parse(document.getElementById("data").textContent);
  const { manifest, classes, paths } = data;
  const counts = manifest.counts;

  const clusterOf = ([id, relation, lang, letters, confidence, review, text, witnesses, variants], place) => ({
    id, relation, lang, letters, confidence, review, text, witnesses, variants, place,
    kinds: new Set(variants.map((row) => row[1])),
    sources: new Set(witnesses.map((row) => row[0])),
    similarity: Math.min(...witnesses.map((row) => row[4])),
    doubts: variants.filter((row) => row[8]).map((row) => row[0]), // ids of the variants that need review
  });
  const witnessOf = ([path, start, end, line, similarity, status, tiers, lang, around, key], number) => ({
    path: paths[path], start, end, line, similarity, status, tiers, lang, around, key, number, siglum: siglum(number),
  });
  const variantOf = ([id, kind, tags, from, to, text, others, vote, review, rule, applied, decision], number) => ({
    id, kind, tags, from, to, text, vote, review, rule, applied, decision, number,
    others: others.map(([reading, witnesses, blocks]) => ({ text: reading, witnesses, blocks })),
  });

  const clusters = data.clusters.map(clusterOf);
  const clusterById = new Map(clusters.map((cluster) => [cluster.id, cluster]));
  const SIGNS = { exact: "=", near: "≈", contained: "⊂", reworked: "↻", formula: "⁂" };
  const GROUPS = ["letter", "number", "form", "layout"];
  const GROUP_OF = {
    segmentation: "layout", whitespace: "layout",
    width: "form", case: "form", markup: "form", punctuation: "form", script: "form", "number-form": "form",
    "number-value": "number",
  };
  const groupOf = (kind) => GROUP_OF[kind] ?? "letter";

  // A, B … Z, AA, AB …, as editions name their witnesses
  function siglum(number) {
    const letter = String.fromCharCode(65 + (number % 26));
    return number < 26 ? letter : siglum(Math.floor(number / 26) - 1) + letter;
  }

  // positions count code points, a JavaScript string counts UTF-16 units
  const points = (text) => (/[\ud800-\udfff]/.test(text) ? Array.from(text) : text);
  const slice = (of, from, to) => (typeof of === "string" ? of.slice(from, to) : of.slice(from, to).join(""));
