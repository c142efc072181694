"use strict";
{
  // --- the data: rows are lists, in the order that html.py writes them

  const data = JSON.parse(document.getElementById("data").textContent);
  const { manifest, classes, paths } = data;
  const counts = manifest.counts;

  const variantOf = ([id, kind, tags, from, to, text, readings, vote, review, rule, applied, decision], number) => ({
    id, kind, tags, from, to, text, readings, vote, review, rule, applied, decision, number,
  });
  const witnessOf = ([path, start, end, line, similarity, status, tiers, lang, around], number) => ({
    path: paths[path], start, end, line, similarity, status, tiers, lang, around, siglum: siglum(number),
  });
  const clusterOf = ([id, relation, lang, letters, confidence, review, text, witnesses, variants], place) => ({
    id, relation, lang, letters, confidence, review, text, place, witnesses, variants,
    kinds: new Set(variants.map((row) => row[1])),
    reviews: variants.reduce((sum, row) => sum + row[8], 0),
  });

  // A, B … Z, AA, AB …, as editions name their witnesses
  function siglum(number) {
    const letter = String.fromCharCode(65 + (number % 26));
    return number < 26 ? letter : siglum(Math.floor(number / 26) - 1) + letter;
  }

  const clusters = data.clusters.map(clusterOf);
  const GROUP_OF = {
    segmentation: "layout", whitespace: "layout",
    width: "form", case: "form", markup: "form", punctuation: "form", script: "form", "number-form": "form",
    "number-value": "number",
  };
  const GROUPS = ["letter", "number", "form", "layout"];
  const groupOf = (kind) => GROUP_OF[kind] ?? "letter";
  const SIGNS = { exact: "=", near: "≈", contained: "⊂", reworked: "↻", formula: "⁂" };

  // --- words

  const WORDS = {
    en: {
      review: "review", keys: "Keys", other: "中文", inputs: "Inputs and settings",
      came: "Came in", left: "Left the corpus", repeated: "Stands more than once", differs: "Differs", check: "For review",
      sources: (n, count) => (count === 1 ? "1 source" : `${n} sources`), characters: "characters", letters: "letters",
      removed: (n, share) => `${n} characters, ${share}`, remain: (n, p) => `${n} characters remain, in ${p} paragraphs`,
      passages: (n, count) => (count === 1 ? "1 passage" : `${n} passages`), places: (n) => `in ${n} places`, variants: (n, count) => (count === 1 ? "1 variant" : `${n} variants`),
      variant: "variant", reviews: (n, count) => (count === 1 ? "in 1 passage" : `in ${n} passages`), show: "Show only these", none: "Nothing needs review",
      clusters: "Passages", search: "Search text, reading, path, id", anyRelation: "every relation", anyClass: "every class",
      onlyReview: "needs review", order: "Order", size: "longest first", reviewFirst: "most to review first",
      witnessFirst: "most witnesses first", place: "as in the sources", of: (n, m) => `${n} of ${m}`,
      nothing: "No passage fits. Clear the search or the filters.", empty: "Nothing stands in more than one place.",
      relation: "Relation", class: "Class", canonical: "canonical text", as: "Read as", back: "All passages",
      confidence: "confidence", home: "home", homeAt: "home", witnesses: "Witnesses", apparatus: "Variants",
      noVariants: "The witnesses agree in every character.", notCollated: "Formulas are listed, not collated.",
      filtered: "The kinds of variants chosen above do not occur here.",
      layout: "layout", form: "form", number: "numbers", letter: "wording",
      legendAlt: "others read otherwise", legendMore: "missing elsewhere", legendLess: "others have more here",
      legendReview: "needs review", absent: "nothing", needsReview: "needs review", forReview: "for review", applied: "put into the corpus",
      vote: "vote", decision: "decided", similarity: "similar", path: "Path", bytes: "Bytes", encoding: "Encoding",
      newline: "Newline", gone: "Left", mixed: "mixed", skipped: "Passed over", settings: "Settings",
      status: { home: "home", removed: "removed", kept: "kept" },
      tiers: "found by", selected: (n, m) => `Passage ${n} of ${m}`,
      help: [["j  k", "next, previous passage"], ["n  p", "next, previous variant"], ["/", "search"], ["Enter", "go to what was found"], ["Esc", "leave the search, the variant"]],
      name: (kind) => kind,
    },
    "zh-Hans": {
      review: "审阅", keys: "快捷键", other: "English", inputs: "来源与设置",
      came: "输入", left: "移出语料", repeated: "重复出现", differs: "差异", check: "待审",
      sources: (n) => `${n} 个来源`, characters: "字符", letters: "字母",
      removed: (n, share) => `${n} 字符，${share}`, remain: (n, p) => `余 ${n} 字符，${p} 段`,
      passages: (n) => `${n} 个文段`, places: (n) => `见于 ${n} 处`, variants: (n) => `${n} 处异文`,
      variant: "异文", reviews: (n) => `分布于 ${n} 个文段`, show: "只看待审", none: "无须审阅",
      clusters: "文段", search: "搜索正文、异文、路径、编号", anyRelation: "所有关系", anyClass: "所有类别",
      onlyReview: "待审", order: "排序", size: "由长到短", reviewFirst: "待审多者在前",
      witnessFirst: "见证多者在前", place: "按来源顺序", of: (n, m) => `${n} / ${m}`,
      nothing: "没有符合条件的文段。请清除搜索或筛选。", empty: "没有重复出现的文段。",
      relation: "关系", class: "类别", canonical: "定本", as: "阅读", back: "全部文段",
      confidence: "置信度", home: "定本所在", homeAt: "定本所在", witnesses: "见证", apparatus: "异文",
      noVariants: "各见证逐字相同。", notCollated: "套语只列出，不校勘。", filtered: "此处没有所选种类的异文。",
      layout: "版式", form: "写法", number: "数值", letter: "文字",
      legendAlt: "他本作别文", legendMore: "他本缺", legendLess: "他本此处有增文",
      legendReview: "待审", absent: "无", needsReview: "待审", forReview: "处待审", applied: "已写入语料",
      vote: "票数", decision: "已裁定", similarity: "相似", path: "路径", bytes: "字节", encoding: "编码",
      newline: "换行", gone: "移出", mixed: "混用", skipped: "略过", settings: "设置",
      status: { home: "定本所在", removed: "移除", kept: "保留" },
      tiers: "发现方式", selected: (n, m) => `第 ${n} 个文段，共 ${m} 个`,
      help: [["j  k", "下一个、上一个文段"], ["n  p", "下一处、上一处异文"], ["/", "搜索"], ["Enter", "转到搜索结果"], ["Esc", "离开搜索、异文"]],
      name: (word) => ({
        exact: "全同", near: "近同", contained: "摘录", reworked: "改写", formula: "套语",
        segmentation: "分段", whitespace: "空白", width: "全半角", case: "大小写", markup: "标记", punctuation: "标点",
        script: "字形", "number-form": "数字写法", "number-value": "数值", ocr: "识别残迹", transposition: "移位",
        repetition: "重复", lacuna: "脱文", addition: "增文", substantive: "实质",
      })[word] ?? word,
    },
  };
  let lang = "en";
  let words = WORDS.en;
  const figure = (n) => n.toLocaleString("en");
  const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "0 %");
  // never rounded up: what is not equal must not read 100 %
  const percent = (x) => (x >= 1 ? "100 %" : `${(Math.floor(x * 1e4 + 1e-6) / 100).toFixed(2)} %`);

  // --- elements

  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child != null && child !== false));
    return element;
  }
  const $ = (id) => document.getElementById(id);

  // Characters that show nothing or turn the line around are named instead; the first set holds everywhere,
  // the second where a reading is shown for its own sake.
  const HIDDEN = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff";
  const ODD = new RegExp(`([${HIDDEN}])`, "u");
  const ODD_OR_SPACE = new RegExp(`([${HIDDEN}\\u200c\\u200d\\n\\t \\u00a0\\u2000-\\u200a\\u202f\\u205f\\u3000])`, "u");
  function chip(character, breaking) {
    if (character === "\n") return [h("span", { class: "chip" }, "↵"), breaking ? "\n" : ""];
    if (/[\t \u00a0\u2000-\u200a\u202f\u205f\u3000]/.test(character)) {
      return [h("span", { class: "space", title: `U+${hex(character)}` }, character)];
    }
    return [h("span", { class: "chip point" }, `U+${hex(character)}`)];
  }
  const hex = (character) => character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  const spelled = (text) => text.replace(new RegExp(ODD, "gu"), (character) => `‹U+${hex(character)}›`); // where no element can be
  const plain = (text) => text.split(ODD).flatMap((part, i) => (i % 2 ? chip(part, false) : part));
  const marked = (text, breaking = false) =>
    text.split(ODD_OR_SPACE).flatMap((part, i) => (i % 2 ? chip(part, breaking) : part));
  // positions count code points, a JavaScript string counts UTF-16 units
  const points = (text) => (/[\ud800-\udfff]/.test(text) ? Array.from(text) : text);
  const slice = (of, from, to) => (typeof of === "string" ? of.slice(from, to) : of.slice(from, to).join(""));

  // --- state

  const filter = { query: "", relation: "", kind: "", review: false, order: "size" };
  const hiddenGroups = new Set();
  let listed = [];
  let chosen = null; // a cluster
  let opened = { body: "", witnesses: [], variants: [] }; // its rows as objects
  let readAs = -1; // the witness whose readings stand in the text, or -1
  let active = -1; // the variant shown

  // --- the summary

  function drawSummary() {
    const classesHere = classes.filter((kind) => counts.variants[kind]);
    const total = classesHere.reduce((sum, kind) => sum + counts.variants[kind], 0);
    const reviewed = clusters.filter((cluster) => cluster.reviews).length;
    const relations = Object.keys(SIGNS).filter((relation) => counts.clusters[relation]);
    const all = relations.reduce((sum, relation) => sum + counts.clusters[relation], 0);
    const places = Object.values(counts.witnesses).reduce((sum, n) => sum + n, 0);
    const bar = h("div", { class: "bar", "aria-hidden": "true" }, h("i", {}), h("b", {}));
    bar.firstChild.style.flexGrow = String(Math.max(counts.characters - counts.removed_characters, 0));
    bar.lastChild.style.flexGrow = String(counts.removed_characters);
    const toggle = (key, value, name, count, sign) =>
      h("button", { type: "button", class: `tag ${key === "kind" ? groupOf(value) : ""}`, "data-key": key, "data-value": value,
        onclick: () => narrow({ [key]: filter[key] === value ? "" : value }) },
      sign ? h("span", { class: "sign", "aria-hidden": "true" }, sign) : null, name, h("b", {}, figure(count)));
    $("summary").replaceChildren(
      h("div", { class: "title" },
        h("h1", {}, "dedup ", h("span", {}, words.review)),
        h("details", { class: "fold keys" }, h("summary", {}, words.keys),
          h("dl", {}, words.help.flatMap(([key, what]) => [h("dt", {}, key.split("  ").flatMap((k) => [h("kbd", {}, k), " "])), h("dd", {}, what)]))),
        h("details", { class: "fold inputs" }, h("summary", {}, words.inputs), inputsTable()),
        h("button", { type: "button", class: "quiet", lang: lang === "en" ? "zh-Hans" : "en",
          onclick: () => speak(lang === "en" ? "zh-Hans" : "en") }, words.other)),
      h("div", { class: "figures" },
        h("section", {}, h("h2", {}, words.came), h("p", { class: "big" }, words.sources(figure(counts.sources), counts.sources)),
          h("p", {}, `${figure(counts.characters)} ${words.characters}`), h("p", {}, `${figure(counts.letters)} ${words.letters}`)),
        h("section", {}, h("h2", {}, words.left),
          h("p", { class: "big" }, words.removed(figure(counts.removed_characters), share(counts.removed_characters, counts.characters))),
          bar, h("p", {}, words.remain(figure(counts.corpus_characters), figure(counts.paragraphs)))),
        h("section", {}, h("h2", {}, words.repeated), h("p", { class: "big" }, words.passages(figure(all), all), " ", h("small", {}, words.places(figure(places)))),
          h("div", { class: "tags" }, relations.map((relation) => toggle("relation", relation, words.name(relation), counts.clusters[relation], SIGNS[relation])))),
        h("section", { class: "wide" }, h("h2", {}, words.differs), h("p", { class: "big" }, words.variants(figure(total), total)),
          h("div", { class: "tags" }, classesHere.toReversed().map((kind) => toggle("kind", kind, words.name(kind), counts.variants[kind])))),
        h("section", { class: "check" }, h("h2", {}, words.check),
          counts.needs_review
            ? [h("p", { class: "big" }, h("span", { class: "bang", "aria-hidden": "true" }, "!"), ` ${words.variants(figure(counts.needs_review), counts.needs_review)}`),
              h("p", {}, words.reviews(figure(reviewed), reviewed)),
              h("button", { type: "button", class: "tag", "data-key": "review", "data-value": "true", onclick: () => narrow({ review: !filter.review }) },
                words.show)]
            : h("p", { class: "big" }, words.none))),
    );
  }

  function inputsTable() {
    const cell = (text, attributes = {}) => h("td", attributes, text);
    const newline = (value) => ({ "\n": "LF", "\r\n": "CRLF", "\r": "CR" })[value] ?? words.mixed;
    const settings = Object.entries(manifest.settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("   ");
    return h("div", { class: "sheet" },
      h("table", {},
        h("thead", {}, h("tr", {}, [words.path, words.characters, words.gone, "%", words.bytes, words.encoding, words.newline, "SHA-256"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, manifest.inputs.slice(0, 1000).map((row) => h("tr", {},
          h("th", { scope: "row" }, plain(row.path)), cell(figure(row.characters), { class: "n" }),
          cell(figure(data.removed[row.path] ?? 0), { class: "n" }), cell(share(data.removed[row.path] ?? 0, row.characters), { class: "n" }),
          cell(figure(row.bytes), { class: "n" }), cell(row.encoding + (row.bom ? " BOM" : "")), cell(newline(row.newline)),
          cell(row.sha256.slice(0, 12), { title: row.sha256, class: "mono" })))),
        manifest.inputs.length > 1000 ? h("tfoot", {}, h("tr", {}, cell(`… ${figure(manifest.inputs.length)}`, { colspan: 8 }))) : null),
      manifest.skipped.length ? h("p", {}, `${words.skipped}: `, plain(manifest.skipped.map((row) => `${row.path} (${row.reason})`).join(", "))) : null,
      h("p", {}, `${words.settings}: `, h("span", { class: "mono" }, settings)),
      h("p", {}, h("span", { class: "mono" }, `${manifest.program.name} ${manifest.program.version}`)));
  }

  // --- the list: only the rows in sight are in the document

  const ORDERS = {
    size: (a, b) => b.letters - a.letters || a.place - b.place,
    reviewFirst: (a, b) => b.reviews - a.reviews || b.letters - a.letters || a.place - b.place,
    witnessFirst: (a, b) => b.witnesses.length - a.witnesses.length || b.letters - a.letters || a.place - b.place,
    place: (a, b) => a.place - b.place,
  };
  const list = h("div", { id: "list", role: "listbox", tabindex: "0" });
  const room = h("div", { class: "room", role: "presentation" });
  const query = h("input", { type: "search", id: "query", spellcheck: "false", autocomplete: "off" });
  list.append(room);
  let rowHeight = 54;
  let drawn = "";

  function drawFilters() {
    const select = (key, options) =>
      h("select", { "aria-label": words[key === "kind" ? "class" : key], "data-key": key, onchange: (event) => narrow({ [key]: event.target.value }) },
        options.map(([value, name]) => h("option", { value }, name)));
    query.placeholder = words.search;
    query.setAttribute("aria-label", words.search);
    list.setAttribute("aria-label", words.clusters);
    const here = new Set(clusters.flatMap((cluster) => [...cluster.kinds]));
    $("clusters").setAttribute("aria-label", words.clusters);
    $("clusters").replaceChildren(
      h("form", { role: "search", onsubmit: found }, query,
        h("div", { class: "selects" },
          select("relation", [["", words.anyRelation], ...Object.keys(SIGNS).filter((r) => counts.clusters[r]).map((r) => [r, `${SIGNS[r]} ${words.name(r)}`])]),
          select("kind", [["", words.anyClass], ...classes.filter((kind) => here.has(kind)).map((kind) => [kind, words.name(kind)])]),
          select("order", Object.keys(ORDERS).map((order) => [order, words[order]])),
          h("label", {}, h("input", { type: "checkbox", "data-key": "review", onchange: (event) => narrow({ review: event.target.checked }) }), words.onlyReview))),
      h("p", { class: "count" }), list);
  }

  function haystack(cluster) {
    cluster.hay ??= [cluster.id, cluster.text, ...cluster.witnesses.map((row) => paths[row[0]]), ...cluster.variants.flatMap((row) => row[6].map((reading) => reading[1]))]
      .join("\n").normalize("NFKC").toLowerCase();
    return cluster.hay;
  }

  function narrow(change) {
    Object.assign(filter, change);
    showFilter();
    sift();
  }

  function showFilter() {
    for (const control of document.querySelectorAll("[data-key]")) {
      const value = filter[control.dataset.key];
      if (control.tagName === "BUTTON") control.setAttribute("aria-pressed", String(String(value) === control.dataset.value));
      else if (control.type === "checkbox") control.checked = value;
      else control.value = value;
    }
  }

  function sift() {
    const needle = filter.query.trim().normalize("NFKC").toLowerCase();
    listed = clusters.filter((cluster) =>
      (!filter.relation || cluster.relation === filter.relation) && (!filter.kind || cluster.kinds.has(filter.kind)) &&
      (!filter.review || cluster.reviews) && (!needle || haystack(cluster).includes(needle)));
    listed.sort(ORDERS[filter.order]);
    $("clusters").querySelector(".count").textContent = words.of(figure(listed.length), figure(clusters.length));
    drawn = "";
    list.scrollTop = 0;
    if (chosen && listed.includes(chosen)) reveal(listed.indexOf(chosen));
    else drawRows();
  }

  function drawRows() {
    room.style.height = `${listed.length * rowHeight}px`;
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - 6);
    const last = Math.min(listed.length, Math.ceil((list.scrollTop + (list.clientHeight || 800)) / rowHeight) + 6);
    const key = `${first} ${last} ${chosen?.place} ${lang}`;
    if (key === drawn) return;
    drawn = key;
    const rows = listed.slice(first, last).map((cluster, i) => row(cluster, first + i));
    room.replaceChildren(...rows);
    if (!listed.length) room.append(h("p", { class: "nothing" }, clusters.length ? words.nothing : words.empty));
    const at = listed.indexOf(chosen);
    if (at >= first && at < last) list.setAttribute("aria-activedescendant", `row-${chosen.place}`);
    else list.removeAttribute("aria-activedescendant");
  }

  function row(cluster, at) {
    const start = cluster.text.slice(0, 120).replace(/[\ud800-\udbff]$/, "").replace(/\s+/gu, " ");
    const element = h("div", { class: "row", role: "option", id: `row-${cluster.place}`, "data-at": at, "aria-selected": String(cluster === chosen),
      "aria-setsize": listed.length, "aria-posinset": at + 1 },
    h("span", { class: "start", lang: cluster.lang, dir: "auto" }, plain(start)),
    h("span", { class: "facts" },
      h("span", { class: "relation" }, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[cluster.relation]), words.name(cluster.relation)),
      h("span", { title: words.letters }, figure(cluster.letters)), h("span", { title: words.witnesses }, `× ${cluster.witnesses.length}`),
      cluster.variants.length ? h("span", {}, words.variants(figure(cluster.variants.length), cluster.variants.length)) : null,
      cluster.reviews ? h("span", { class: "flag", title: words.needsReview }, h("span", { class: "bang", "aria-hidden": "true" }, "!"), ` ${figure(cluster.reviews)}`, h("span", { class: "unseen" }, ` ${words.needsReview}`)) : null));
    element.style.transform = `translateY(${at * rowHeight}px)`;
    return element;
  }

  function reveal(at) {
    const top = at * rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
    drawn = "";
    drawRows();
  }

  function step(by) {
    if (!listed.length) return;
    const at = listed.indexOf(chosen);
    const to = at < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, at + by));
    choose(listed[to]);
  }

  list.addEventListener("scroll", () => requestAnimationFrame(drawRows), { passive: true });
  list.addEventListener("click", (event) => {
    const target = event.target.closest(".row");
    if (target) choose(listed[Number(target.dataset.at)], true);
  });
  list.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(list.clientHeight / rowHeight) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -listed.length, End: listed.length }[event.key];
    if (by) { event.preventDefault(); step(by); }
    if (event.key === "Enter" && chosen) choose(chosen, true);
  });
  let waiting = 0;
  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { filter.query = query.value; sift(); }, 120);
  });

  function found(event) {
    event.preventDefault();
    clearTimeout(waiting);
    filter.query = query.value;
    sift();
    list.focus();
    if (listed.length && !listed.includes(chosen)) choose(listed[0]);
  }

  // --- the passage

  function choose(cluster, open = false) {
    if (open) document.body.dataset.view = "passage";
    if (cluster !== chosen) {
      chosen = cluster;
      opened = { body: points(cluster.text), witnesses: cluster.witnesses.map(witnessOf), variants: cluster.variants.map(variantOf) };
      opened.variants.sort((a, b) => a.from - b.from || a.to - b.to || a.number - b.number);
      opened.variants.forEach((variant, number) => { variant.number = number; });
      readAs = active = -1;
      try { history.replaceState(null, "", `#${encodeURIComponent(cluster.id)}`); } catch { /* some viewers forbid it */ }
      drawPassage();
      $("detail").scrollTop = $("passage").scrollTop = $("apparatus").scrollTop = 0;
    }
    const at = listed.indexOf(cluster);
    if (at >= 0) reveal(at);
    else { drawn = ""; drawRows(); }
    if (at >= 0) $("said").textContent = `${words.selected(at + 1, listed.length)}. ${words.name(cluster.relation)}.`;
  }

  function drawPassage() {
    if (!chosen) {
      $("passage").replaceChildren(h("p", { class: "nothing" }, words.empty));
      $("apparatus").replaceChildren();
      return;
    }
    const { witnesses, variants } = opened;
    const inGroup = Object.fromEntries(GROUPS.map((group) => [group, variants.filter((variant) => groupOf(variant.kind) === group).length]));
    const home = witnesses.find((witness) => witness.status === "home");
    $("passage").replaceChildren(
      h("button", { type: "button", class: "back quiet", onclick: () => { document.body.dataset.view = "list"; drawn = ""; drawRows(); } }, `← ${words.back}`),
      h("div", { class: "head" },
        h("h2", {}, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[chosen.relation]), words.name(chosen.relation),
          h("span", { class: "dim" }, ` ${figure(chosen.letters)} ${words.letters}, ${words.places(witnesses.length)}`)),
        h("p", { class: "under" },
          h("span", { class: "mono" }, chosen.id), h("span", {}, `${words.confidence} ${percent(chosen.confidence)}`),
          home ? h("span", {}, `${words.homeAt} `, h("bdi", {}, plain(`${home.path}:${home.line}`))) : null,
          chosen.reviews ? h("span", { class: "flag" }, h("span", { class: "bang", "aria-hidden": "true" }, "!"), ` ${figure(chosen.reviews)} ${words.forReview}`) : null),
        variants.length ? h("div", { class: "tools" },
          h("label", {}, `${words.as} `, h("select", { onchange: (event) => { readAs = Number(event.target.value); drawText(); } },
            h("option", { value: "-1" }, words.canonical),
            witnesses.map((witness, i) => h("option", { value: i, selected: readAs === i }, `${witness.siglum}  ${spelled(witness.path)}:${witness.line}`)))),
          h("span", { class: "groups" }, GROUPS.filter((group) => inGroup[group]).map((group) =>
            h("button", { type: "button", class: `tag ${group}`, "aria-pressed": String(!hiddenGroups.has(group)), onclick: (event) => {
              if (!hiddenGroups.delete(group)) hiddenGroups.add(group);
              event.currentTarget.setAttribute("aria-pressed", String(!hiddenGroups.has(group)));
              drawText();
              drawApparatus();
            } }, words[group], h("b", {}, figure(inGroup[group])))))) : null,
        variants.length ? legend() : null),
      h("div", { id: "text", class: "text", lang: chosen.lang, dir: "auto" }),
      h("section", { class: "witnesses" }, h("h3", {}, words.witnesses),
        h("ol", {}, witnesses.map(drawWitness))));
    drawText();
    drawApparatus();
  }

  const legend = () => h("p", { class: "legend" },
    h("span", {}, h("span", { class: "v alt letter" }, "文"), ` ${words.legendAlt}`),
    h("span", {}, h("span", { class: "v more letter" }, "文"), ` ${words.legendMore}`),
    h("span", {}, h("span", { class: "v less letter" }), ` ${words.legendLess}`),
    h("span", {}, h("span", { class: "v alt letter review" }, "文"), h("sup", { class: "flag" }, "!"), ` ${words.legendReview}`));

  function drawWitness(witness) {
    const [left, head, tail, right] = witness.around.map((text) => plain(text.replace(/\s+/gu, " ")));
    return h("li", { class: `witness ${witness.status}` },
      h("b", { class: "siglum" }, witness.siglum),
      h("div", {},
        h("p", { class: "where" }, h("bdi", { class: "path" }, plain(witness.path)), h("span", { class: "line" }, `:${witness.line}`),
          h("span", { class: "dim" }, ` ${figure(witness.start)}–${figure(witness.end)}`)),
        h("p", { class: "facts" }, h("span", { class: `status ${witness.status}` }, words.status[witness.status]),
          h("span", {}, `${percent(witness.similarity)} ${words.similarity}`), witness.tiers.length ? h("span", {}, `${words.tiers} ${witness.tiers.join(" + ")}`) : null),
        head ? h("p", { class: "context", lang: witness.lang, dir: "auto" },
          witness.around[0] ? h("span", { class: "dim" }, "…", left) : null,
          h("span", { class: "kern" }, head, witness.around[2] ? [h("span", { class: "dim" }, " … "), tail] : null),
          witness.around[3] ? h("span", { class: "dim" }, right, "…") : null) : null));
  }

  const seen = (variant) => !hiddenGroups.has(groupOf(variant.kind));
  const shape = (variant) => {
    if (variant.from === variant.to) return "less";
    return variant.readings.every(([, text]) => text === "" || text === variant.text) ? "more" : "alt";
  };
  const readingOf = (variant, witness) => variant.readings.find(([number]) => number === witness)?.[1] ?? variant.text;

  function drawText() {
    const { body } = opened;
    const nodes = [];
    let done = 0;
    for (const variant of opened.variants) {
      if (!seen(variant) || variant.from < done) continue;
      nodes.push(...plain(slice(body, done, variant.from)));
      done = variant.to;
      const here = slice(body, variant.from, variant.to);
      const other = readAs < 0 ? here : readingOf(variant, readAs);
      if (readAs >= 0 && other === here) { nodes.push(...plain(here)); continue; }
      const mark = h("span", { class: `v ${readAs < 0 ? shape(variant) : "as"} ${groupOf(variant.kind)}${variant.review ? " review" : ""}`,
        role: "button", tabindex: "-1", "data-number": variant.number, "aria-describedby": `entry-${variant.number}`,
        "aria-label": here === "" ? `${words.variant} ${variant.number + 1}` : null },
      readAs < 0 ? marked(here, true)
        : [here ? h("del", {}, marked(here)) : null, other ? h("ins", { lang: opened.witnesses[readAs].lang }, marked(other, true)) : null]);
      const count = h("sup", { class: variant.review ? "flag" : "", "aria-hidden": "true" }, variant.number + 1, variant.review ? "!" : "");
      nodes.push(...(/\n$/.test(here) ? [count, mark] : [mark, count])); // not at the beginning of the next line
    }
    nodes.push(...plain(slice(body, done)));
    $("text").replaceChildren(...nodes);
    const first = $("text").querySelector(".v");
    if (first) first.tabIndex = 0;
    if (active >= 0) activate(active);
  }

  function drawApparatus() {
    const { variants } = opened;
    const shown = variants.filter(seen);
    const empty = chosen.relation === "formula" ? words.notCollated : variants.length ? words.filtered : words.noVariants;
    $("apparatus").setAttribute("aria-label", words.apparatus);
    $("apparatus").replaceChildren(
      h("h3", {}, words.apparatus, variants.length ? h("span", { class: "dim" }, ` ${shown.length === variants.length ? figure(variants.length) : words.of(figure(shown.length), figure(variants.length))}`) : null),
      shown.length ? h("ol", { class: "entries" }, shown.map(entry)) : h("p", { class: "nothing" }, empty));
  }

  function entry(variant) {
    const { witnesses } = opened;
    const other = new Map();
    const dissent = new Set();
    for (const [number, text] of variant.readings) {
      if (text === variant.text) continue;
      dissent.add(number);
      other.set(text, [...(other.get(text) ?? []), number]);
    }
    const { body } = opened;
    const near = (from, to) => h("span", { class: "dim" }, plain(slice(body, Math.max(0, from), to).replace(/\s+/gu, " ")));
    const sigla = (numbers) => h("span", { class: "sigla" }, numbers.map((number) =>
      h("abbr", { title: `${spelled(witnesses[number].path)}:${witnesses[number].line}` }, witnesses[number].siglum)));
    const agreeing = witnesses.map((_, number) => number).filter((number) => !dissent.has(number));
    return h("li", { class: `entry ${groupOf(variant.kind)}${variant.review ? " review" : ""}`, id: `entry-${variant.number}`, "data-number": variant.number },
      h("p", { class: "label" },
        h("button", { type: "button", class: "nth" }, variant.number + 1),
        h("span", { class: `tag ${groupOf(variant.kind)}` }, words.name(variant.kind)),
        variant.tags.map((tag) => h("span", { class: "dim" }, words.name(tag))),
        variant.review ? h("span", { class: "flag" }, h("span", { class: "bang", "aria-hidden": "true" }, "!"), ` ${words.needsReview}`) : null),
      h("p", { class: "reading canonical" }, h("span", { class: "mark", "aria-hidden": "true" }, ""),
        h("span", { class: "words", lang: chosen.lang, dir: "auto" }, near(variant.from - 8, variant.from),
          variant.text ? h("strong", {}, marked(variant.text)) : h("span", { class: "absent", title: words.absent }, "∅"), near(variant.to, variant.to + 8)),
        sigla(agreeing)),
      [...other].map(([text, numbers]) => {
        const [sign, tag] = variant.text === "" ? ["+", "ins"] : text === "" ? ["−", "del"] : ["≠", "span"];
        return h("p", { class: "reading" }, h("span", { class: "mark", "aria-hidden": "true" }, sign),
          h("span", { class: "words", lang: witnesses[numbers[0]]?.lang ?? chosen.lang, dir: "auto" },
            text ? h(tag, {}, marked(text)) : [h(tag, {}, marked(variant.text)), h("span", { class: "dim" }, ` ${words.absent}`)]),
          sigla(numbers));
      }),
      h("p", { class: "grounds" }, h("span", {}, `${words.vote} ${variant.vote}`), h("span", {}, variant.rule),
        variant.applied ? h("span", {}, words.applied) : null, variant.decision ? h("span", { class: "flag" }, `${words.decision}: `, plain(variant.decision)) : null));
  }

  // --- one variant at a time

  const apart = () => getComputedStyle($("apparatus")).overflowY === "auto"; // the variants have a column of their own
  const mark = (number) => $("text")?.querySelector(`[data-number="${number}"]`);

  function activate(number, { text = false, entries = true } = {}) {
    for (const old of document.querySelectorAll(".active")) old.classList.remove("active");
    active = number;
    $("card")?.remove();
    if (number < 0) return;
    const inText = mark(number);
    const inList = $(`entry-${number}`);
    inText?.classList.add("active");
    inList?.classList.add("active");
    if (inText) {
      for (const other of $("text").querySelectorAll('.v[tabindex="0"]')) other.tabIndex = -1;
      inText.tabIndex = 0;
      if (text && !insight(inText)) inText.scrollIntoView({ block: "center" });
    }
    if (!inList) return;
    if (apart()) {
      if (entries) inList.scrollIntoView({ block: "nearest" });
    } else if (inText) {
      const card = h("div", { id: "card" });
      for (const child of inList.children) card.append(child.cloneNode(true));
      $("passage").append(card);
    }
  }

  function insight(element) {
    const { top, bottom } = element.getBoundingClientRect();
    const pane = (apart() ? $("passage") : $("detail")).getBoundingClientRect();
    const margin = 60; // some text around it, too
    return top > Math.max(pane.top, 0) + margin && bottom < Math.min(pane.bottom, innerHeight) - margin;
  }

  $("passage").addEventListener("pointerover", (event) => {
    const over = event.target.closest(".v[data-number]");
    if (over && event.pointerType === "mouse" && Number(over.dataset.number) !== active) activate(Number(over.dataset.number));
  });
  $("passage").addEventListener("click", (event) => {
    const on = event.target.closest(".v[data-number]");
    if (on) activate(Number(on.dataset.number));
    else if (!event.target.closest("#card, button, select")) activate(-1);
  });
  $("passage").addEventListener("focusin", (event) => {
    const on = event.target.closest(".v[data-number]");
    if (on && Number(on.dataset.number) !== active) activate(Number(on.dataset.number));
  });
  $("apparatus").addEventListener("pointerover", (event) => {
    const over = event.target.closest(".entry");
    if (over && event.pointerType === "mouse" && apart()) activate(Number(over.dataset.number), { entries: false });
  });
  $("apparatus").addEventListener("click", (event) => {
    const on = event.target.closest(".entry");
    if (on) activate(Number(on.dataset.number), { text: true, entries: false });
  });

  function stepVariant(by) {
    const marks = [...($("text")?.querySelectorAll(".v[data-number]") ?? [])];
    if (!marks.length) return;
    const at = marks.findIndex((other) => Number(other.dataset.number) === active);
    const to = at < 0 ? (by > 0 ? 0 : marks.length - 1) : Math.min(marks.length - 1, Math.max(0, at + by));
    activate(Number(marks[to].dataset.number), { text: true });
    marks[to].focus({ preventScroll: true });
  }

  // --- keys, language, beginning

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape") {
      if (typing) list.focus();
      for (const fold of document.querySelectorAll("details[open]")) fold.open = false;
      activate(-1);
      return;
    }
    if (typing) return;
    const act = { j: () => step(1), k: () => step(-1), n: () => stepVariant(1), p: () => stepVariant(-1), "/": () => query.focus() }[event.key];
    if (act) { event.preventDefault(); act(); }
    if ((event.key === "Enter" || event.key === " ") && event.target.matches?.(".v")) { event.preventDefault(); event.target.click(); }
  });
  document.addEventListener("click", (event) => {
    for (const fold of document.querySelectorAll("details.fold[open]")) if (!fold.contains(event.target)) fold.open = false;
  });
  addEventListener("resize", () => { measure(); drawn = ""; drawRows(); });
  addEventListener("hashchange", () => {
    const cluster = named();
    if (cluster) choose(cluster, true);
  });

  function named() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* as it stands */ }
    return id ? clusters.find((cluster) => cluster.id === id) : undefined;
  }

  function measure() {
    rowHeight = parseFloat(getComputedStyle(document.documentElement).fontSize) * 3.375;
  }

  function speak(tongue) {
    lang = tongue;
    words = WORDS[tongue];
    document.documentElement.lang = tongue;
    document.title = `dedup: ${words.review}`;
    drawSummary();
    drawFilters();
    showFilter();
    drawPassage();
    sift();
  }

  measure();
  drawSummary();
  drawFilters();
  showFilter();
  sift();
  const start = named();
  document.body.dataset.view = start ? "passage" : "list";
  if (start ?? listed[0]) choose(start ?? listed[0]);
  else drawPassage();
}
