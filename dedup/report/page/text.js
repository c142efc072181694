  // --- the canonical text, with a mark wherever witnesses differ

  const PAGE = 30_000; // characters of a long text that are shown at once
  const isShown = (variant) => !hiddenGroups.has(groupOf(variant.kind));
  const shape = (variant) => {
    if (variant.from === variant.to) return "less";
    return variant.others.every((other) => other.text === "") ? "more" : "alt";
  };
  const otherOf = (variant, witness) => variant.others.find((other) => other.witnesses.includes(witness));

  // What is decided about a variant: the reading that stands, or null while it is open.
  function decidedText(variant) {
    const record = decisionOn(chosen, variant);
    return isOpen(record) ? null : record.verdict === "reading" ? record.text : variant.text;
  }

  function drawText() {
    const { body } = opened;
    const nodes = [];
    let done = 0;
    let end = Math.min(body.length, opened.whole ? body.length : PAGE);
    for (const variant of opened.variants) {
      if (!isShown(variant) || variant.from < done) continue;
      if (variant.from >= end) break;
      nodes.push(...plain(slice(body, done, variant.from)));
      done = variant.to;
      end = Math.max(end, done);
      nodes.push(...markOf(variant));
    }
    nodes.push(...plain(slice(body, done, end)));
    if (end < body.length) nodes.push(button({ class: "quiet more", onclick: showWhole }, words.rest(figure(body.length - end))));
    $("text").replaceChildren(...nodes);
    const first = $("text").querySelector(".v");
    if (first) first.tabIndex = 0;
    if (active >= 0) activate(active, { entries: false });
  }

  function showWhole() {
    opened.whole = true;
    drawText();
  }

  function markOf(variant) {
    const here = variant.text;
    const decided = decidedText(variant);
    const other = readAs < 0 ? null : otherOf(variant, readAs);
    if (readAs >= 0 && !other) return plain(here);
    const changed = readAs < 0 && decided != null && decided !== here;
    const inside = other ? compared(here, other.text, other.blocks, true)
      : changed ? compared(here, decided, variant.others.find((reading) => reading.text === decided)?.blocks, true)
      : shortened(here, (text) => marked(text, true));
    const flags = `${other || changed ? "as" : shape(variant)} ${groupOf(variant.kind)}${variant.review && decided == null ? " review" : ""}${decided != null ? " decided" : ""}`;
    const mark = h("span", { class: `v ${flags}`, role: "button", tabindex: "-1", "data-number": variant.number, "aria-describedby": `entry-${variant.number}`,
      "aria-label": here === "" ? `${words.variant} ${variant.number + 1}` : null }, inside);
    const sign = decided != null ? "✓" : variant.review ? "!" : "";
    const count = h("sup", { class: decided != null ? "done" : variant.review ? "flag" : "", "aria-hidden": "true" }, variant.number + 1, sign);
    return /\n$/.test(here) ? [count, mark] : [mark, count]; // not at the beginning of the next line
  }

  const legend = () => h("p", { class: "legend" },
    h("span", {}, h("span", { class: "v alt letter" }, "文"), ` ${words.legendAlt}`),
    h("span", {}, h("span", { class: "v more letter" }, "文"), ` ${words.legendMore}`),
    h("span", {}, h("span", { class: "v less letter" }), ` ${words.legendLess}`),
    h("span", {}, h("del", {}, "文"), ` ${words.legendDel}`),
    h("span", {}, h("ins", {}, "文"), ` ${words.legendIns}`),
    h("span", {}, h("span", { class: "v alt letter review" }, "文"), h("sup", { class: "flag" }, "!"), ` ${words.legendReview}`));
