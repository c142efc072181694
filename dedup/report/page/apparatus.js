  // --- the variants, each with its readings, its grounds and what can be decided

  const AT_ONCE = 250; // variants listed at once

  function drawApparatus() {
    const { variants } = opened;
    const shown = variants.filter(isShown);
    const some = shown.slice(0, opened.allVariants ? shown.length : AT_ONCE);
    $("apparatus").setAttribute("aria-label", words.apparatus);
    $("apparatus").replaceChildren(
      h("h3", {}, words.apparatus, variants.length ? h("span", { class: "dim" }, ` ${shown.length === variants.length ? figure(variants.length) : words.of(figure(shown.length), figure(variants.length))}`) : ""),
      shown.length ? h("ol", { class: "entries" }, some.map(entry)) : h("p", { class: "nothing" }, nothingShown()),
      some.length < shown.length ? button({ class: "quiet more", onclick: () => { opened.allVariants = true; drawApparatus(); } }, words.rest(figure(shown.length - some.length))) : "");
  }

  function nothingShown() {
    const { length } = opened.variants;
    if (!length) return chosen.relation === "formula" ? words.notCollated : words.noVariants;
    return [words.hidden(figure(length), length), " ", button({ class: "quiet", onclick: showKinds }, words.showKinds)];
  }

  function showKinds() {
    hiddenGroups.clear();
    drawPassage();
    writeAddress();
  }

  const sigla = (numbers) => h("span", { class: "sigla" }, numbers.slice(0, 12).map((number) => {
    const witness = opened.witnesses[number];
    return h("abbr", { title: `${spelled(witness.path)}:${witness.line}` }, witness.siglum);
  }), numbers.length > 12 ? h("span", {}, `+${numbers.length - 12}`) : null);

  function entry(variant) {
    const { body, witnesses } = opened;
    const record = decisionOn(chosen, variant);
    const decided = decidedText(variant);
    const dissent = new Set(variant.others.flatMap((other) => other.witnesses));
    const agreeing = witnesses.map((_, number) => number).filter((number) => !dissent.has(number));
    const near = (from, to) => h("span", { class: "dim" }, plain(flat(slice(body, Math.max(0, from), to))));
    const take = (text, numbers, label) => button({ class: "take", "aria-pressed": String(decided === text), title: words.take(numbers.map((n) => witnesses[n].siglum).slice(0, 9).join(" ")),
      "aria-label": `${words.variant} ${variant.number + 1}${words.colon}${words.take(numbers.slice(0, 9).map((n) => witnesses[n].siglum).join(" ") || words.canonical)}`,
      onclick: () => takeText(variant, text, label) }, decided === text ? "✓" : numbers.find((n) => n < 9) == null ? "·" : String(numbers.find((n) => n < 9) + 1));
    const given = new Set([variant.text, ...variant.others.map((other) => other.text)]);
    return h("li", { class: `entry ${groupOf(variant.kind)}${variant.review && decided == null ? " review" : ""}${decided != null ? " decided" : ""}`, id: `entry-${variant.number}`, "data-number": variant.number },
      h("p", { class: "label" },
        button({ class: "nth", "aria-label": `${words.variant} ${variant.number + 1}` }, variant.number + 1),
        h("span", { class: `tag ${groupOf(variant.kind)}` }, words.name(variant.kind)),
        variant.tags.map((tag) => h("span", { class: "dim" }, words.name(tag))),
        record ? h("span", { class: "verdict" }, `${VERDICT_SIGNS[record.verdict]} ${words.verdict[record.verdict]}`)
          : variant.review ? h("span", { class: "flag" }, bang(), ` ${words.needsReview}`) : null),
      h("p", { class: "reading canonical" }, take(variant.text, agreeing, words.canonical),
        h("span", { class: "words", lang: chosen.lang, dir: "auto" }, near(variant.from - 8, variant.from),
          variant.text ? h("strong", {}, shortened(variant.text, marked)) : h("span", { class: "absent", title: words.absent }, "∅"), near(variant.to, variant.to + 8)),
        sigla(agreeing)),
      variant.others.map((other) => h("p", { class: "reading" }, take(other.text, other.witnesses, witnesses[other.witnesses[0]]?.siglum),
        h("span", { class: "words", lang: witnesses[other.witnesses[0]]?.lang ?? chosen.lang, dir: "auto" }, compared(variant.text, other.text, other.blocks)),
        sigla(other.witnesses))),
      decided != null && !given.has(decided)
        ? h("p", { class: "reading own" }, h("span", { class: "take", "aria-hidden": "true" }, "✓"), h("span", { class: "words", lang: chosen.lang, dir: "auto" }, decided ? h("ins", {}, shortened(decided, marked)) : h("span", { class: "absent" }, "∅")), h("span", { class: "sigla" }, words.own)) : null,
      h("p", { class: "grounds" }, h("span", {}, grounds(variant)), h("span", { class: "mono" }, variant.rule),
        variant.applied ? h("span", {}, words.applied) : null, record?.by ? h("bdi", {}, plain(record.by)) : null, record?.note ? h("q", {}, plain(record.note)) : null),
      h("p", { class: "acts" },
        button({ class: "quiet", onclick: () => acceptVariant(variant) }, words.accept, key("a")), button({ class: "quiet", onclick: () => edit(variant) }, words.edit, key("e")),
        button({ class: "quiet", onclick: () => decideVariant(variant, { verdict: "skip" }, words.verdict.skip) }, words.later, key("l")),
        record ? [button({ class: "quiet", onclick: () => decideVariant(variant, null, words.withdraw) }, words.withdraw), noteOn(variant, record)] : null));
  }

  function noteOn(variant, { verdict, text, note = "" }) {
    const label = `${words.note}${words.comma}${words.variant} ${variant.number + 1}`;
    const field = h("input", { class: "note", dir: "auto", placeholder: words.note, "aria-label": label, onchange: () => decideVariant(variant, { verdict, text, note: field.value.trim() }, words.note) });
    field.value = note;
    return field;
  }

  // Why the canonical reading won: `3:1 base` says that 3 were for it, 1 against, and what settled it.
  function grounds(variant) {
    const [, pro, con, settled] = /^(\d+):(\d+) ?(.*)$/.exec(variant.vote) ?? [];
    if (pro == null) return variant.vote;
    return words.won(pro, con) + (settled ? `; ${words.settled[settled] ?? settled}` : "");
  }

  const decideVariant = (variant, what, said) => decide([[chosen, variant, what]], `${words.variant} ${variant.number + 1}${words.colon}${said}`);

  function takeText(variant, text, label) {
    decideVariant(variant, text === variant.text ? { verdict: "merge" } : { verdict: "reading", text }, label ?? words.verdict.reading);
  }

  function acceptVariant(variant) {
    decideVariant(variant, { verdict: "merge" }, words.verdict.merge);
    const next = opened.variants.find((other) => other.number > variant.number && other.review && decidedText(other) == null) ?? opened.variants.find((other) => other.review && decidedText(other) == null);
    if (next && isShown(next)) activate(next.number, { text: true });
  }

  function takeWitness(number) {
    if (number >= opened.witnesses.length) { say(words.noSuch); return; }
    const { siglum } = opened.witnesses[number];
    const shown = opened.variants.filter(isShown);
    const here = active >= 0 ? [opened.variants[active]] : shown;
    if (!here.length) { say(words.noVariantHere); return; }
    const what = (variant) => {
      const text = otherOf(variant, number)?.text ?? variant.text;
      return text === variant.text ? { verdict: "merge" } : { verdict: "reading", text };
    };
    if (here.length === 1) decideVariant(here[0], what(here[0]), siglum);
    else decide(here.map((variant) => [chosen, variant, what(variant)]), words.taken(siglum, figure(here.length)));
  }

  // A reading of the reviewer's own, typed in the variant's place in the list.
  function edit(variant) {
    if (!variant) { say(words.noVariantHere); return; }
    activate(variant.number, { text: true });
    const place = document.querySelector(`#card, #entry-${variant.number}`);
    const field = h("textarea", { id: "own", lang: chosen.lang, dir: "auto", rows: "2", spellcheck: "false", "aria-label": `${words.editLabel}, ${words.variant} ${variant.number + 1}` });
    field.value = decidedText(variant) ?? variant.text;
    const close = () => { form.remove(); $("passage").focus({ preventScroll: true }); };
    const form = h("form", { class: "edit", onsubmit: (event) => {
      event.preventDefault();
      close();
      takeText(variant, field.value, words.own);
    } }, field, h("p", {}, h("button", { class: "act" }, words.ok, key("↵")), " ", button({ class: "quiet", onclick: close }, words.cancel, key("Esc"))));
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return; // Enter and Esc belong to the input method
      if (event.key === "Escape") { event.stopPropagation(); close(); }
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
    });
    document.querySelector("form.edit")?.remove();
    place.append(form);
    field.focus();
    field.select();
  }
