  // --- the list: only the rows in sight are in the document

  const list = h("div", { id: "list", role: "listbox", tabindex: "0" });
  const room = h("div", { class: "room", role: "presentation" });
  const query = h("input", { type: "search", id: "query", "data-key": "query", spellcheck: "false", autocomplete: "off" });
  list.append(room);
  let rowHeight = 54;
  let drawn = "";

  function drawRows(anew = false) {
    room.style.height = `${listed.length * rowHeight}px`;
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - 6);
    const last = Math.min(listed.length, Math.ceil((list.scrollTop + (list.clientHeight || 800)) / rowHeight) + 6);
    const now = `${first} ${last} ${chosen?.place}`;
    if (now === drawn && !anew) return;
    drawn = now;
    const there = new Map(anew ? [] : [...room.children].map((element) => [element.dataset.at, element]));
    room.replaceChildren(...listed.slice(first, last).map((cluster, i) => there.get(String(first + i)) ?? row(cluster, first + i)));
    if (!listed.length) room.append(h("p", { class: "nothing" }, clusters.length ? words.nothing : words.empty));
    if (chosen && listed[chosen.at] === chosen && chosen.at >= first && chosen.at < last) list.setAttribute("aria-activedescendant", `row-${chosen.place}`);
    else list.removeAttribute("aria-activedescendant");
  }

  const VERDICT_SIGNS = { merge: "✓", keep: "∥", split: "⑂", reading: "✓", skip: "…" };

  function row(cluster, at) {
    const start = flat(cluster.text.slice(0, 120).replace(/[\ud800-\udbff]$/, ""));
    const verdict = decisionOn(cluster)?.verdict ?? (isDecided(cluster) ? "reading" : null);
    const open = openDoubts(cluster);
    const element = h("div", { class: `row${verdict ? " decided" : ""}`, role: "option", id: `row-${cluster.place}`, "data-at": at, "aria-selected": String(cluster === chosen),
      "aria-setsize": listed.length, "aria-posinset": at + 1 },
    h("span", { class: "start", lang: cluster.lang, dir: "auto" }, plain(start)),
    h("span", { class: "facts" },
      h("span", { class: "relation" }, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[cluster.relation]), words.name(cluster.relation)),
      h("span", {}, figure(cluster.letters), unseen(` ${words.letters}`)), h("span", {}, `× ${cluster.witnesses.length}`),
      cluster.variants.length ? h("span", { class: "long" }, words.variants(figure(cluster.variants.length), cluster.variants.length)) : null,
      verdict ? h("span", { class: "verdict" }, h("span", { "aria-hidden": "true" }, VERDICT_SIGNS[verdict]), unseen(words.verdict[verdict])) : null,
      open ? h("span", { class: "flag" }, bang(), ` ${figure(open)}`, unseen(` ${words.needsReview}`)) : null));
    element.style.transform = `translateY(${at * rowHeight}px)`;
    return element;
  }

  function reveal(at) {
    const top = at * rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
    drawRows(true);
  }

  function step(by) {
    if (!listed.length) return;
    const at = chosen && listed[chosen.at] === chosen ? chosen.at : -1;
    choose(listed[Math.min(listed.length - 1, Math.max(0, at < 0 ? by - 1 : at + by))]);
  }

  list.addEventListener("scroll", () => requestAnimationFrame(() => drawRows()), { passive: true });
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
  query.addEventListener("input", (event) => {
    if (event.isComposing) return; // half a word in an input method
    clearTimeout(query.timer);
    query.timer = setTimeout(() => narrow({ query: query.value }), clusters.length > 2000 ? 150 : 0);
  });
  query.addEventListener("compositionend", () => narrow({ query: query.value }));
  query.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !event.isComposing) { event.preventDefault(); list.focus(); step(chosen ? 0 : 1); }
  });

  function found(event) {
    event.preventDefault();
    clearTimeout(query.timer);
    narrow({ query: query.value });
    list.focus();
    if (listed.length && !(chosen && listed[chosen.at] === chosen)) choose(listed[0]);
  }

  const measure = () => { rowHeight = parseFloat(getComputedStyle(document.documentElement).fontSize) * 3.375; };
