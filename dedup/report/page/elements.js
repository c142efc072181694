  // --- elements; text becomes text nodes and nothing else

  const $ = (id) => document.getElementById(id);

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
    return element;
  }
  const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const s = (tag, attributes = {}, ...children) => fill(document.createElementNS("http" + "://www.w3.org/2000/svg", tag), attributes, children);
  const button = (attributes, ...children) => h("button", { type: "button", ...attributes }, ...children);
  const key = (name) => h("kbd", { "aria-hidden": "true" }, name);
  const unseen = (text) => h("span", { class: "unseen" }, text);
  const bang = () => h("span", { class: "bang", "aria-hidden": "true" }, "!");

  // Characters that show nothing or turn the line around are named instead; the first set holds everywhere,
  // the second where a reading is shown for its own sake.
  const HIDDEN = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff";
  const ODD = new RegExp(`([${HIDDEN}])`, "u");
  const ODD_ALL = new RegExp(ODD, "gu");
  const ODD_OR_SPACE = new RegExp(`([${HIDDEN}\\u200c\\u200d\\n\\t \\u00a0\\u2000-\\u200a\\u202f\\u205f\\u3000])`, "u");
  const hex = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  function chip(character, breaking) {
    if (character === "\n") return [h("span", { class: "chip" }, "↵"), breaking ? "\n" : ""];
    if (/[\t \u00a0\u2000-\u200a\u202f\u205f\u3000]/.test(character)) return [h("span", { class: "space", title: hex(character) }, character)];
    return [h("span", { class: "chip point" }, hex(character))];
  }
  const spelled = (text) => text.replace(ODD_ALL, (character) => `‹${hex(character)}›`); // where no element can be
  const plain = (text) => text.split(ODD).flatMap((part, i) => (i % 2 ? chip(part, false) : part));
  const marked = (text, breaking = false) => text.split(ODD_OR_SPACE).flatMap((part, i) => (i % 2 ? chip(part, breaking) : part));
  const flat = (text) => text.replace(/\s+/gu, " ");

  // A long text in part, with a button for the rest.
  const LONG = 600;
  function shortened(text, show) {
    if (text.length <= LONG * 1.2) return show(text);
    const here = Array.from(text.slice(0, LONG * 2)).slice(0, LONG).join("");
    const more = button({ class: "quiet more", onclick: (event) => { event.stopPropagation(); more.replaceWith(...show(text.slice(here.length))); } },
      words.rest(figure(text.length - here.length)));
    return [...show(here), more];
  }

  // One reading beside another, letter by letter, from the blocks in which they differ.
  function compared(from, to, blocks, breaking = false) {
    const gone = (text) => h("del", {}, shortened(text, (part) => marked(part)));
    const come = (text) => h("ins", {}, shortened(text, (part) => marked(part, breaking)));
    if (!from || !to) return [from ? gone(from) : null, to ? come(to) : null];
    const [a, b] = [points(from), points(to)];
    const nodes = [];
    let done = 0;
    for (const [start, end, first, last] of blocks ?? [[0, a.length, 0, b.length]]) {
      nodes.push(...plain(slice(b, done, first)));
      if (end > start) nodes.push(gone(slice(a, start, end)));
      if (last > first) nodes.push(come(slice(b, first, last)));
      done = last;
    }
    return [...nodes, ...plain(slice(b, done))];
  }

  // What was done is said to those who hear the page and shown to those who see it.
  function say(text, undoable = false) {
    $("said").textContent = "";
    $("said").textContent = text;
    $("toast").replaceChildren(h("span", {}, text), undoable ? button({ class: "quiet", onclick: undo }, words.undo, " ", key("u")) : "");
    $("toast").hidden = false;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { $("toast").hidden = true; }, 6000);
  }

  function offer(name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    const link = h("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
