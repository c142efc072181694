  // --- the witnesses under the text, each with what it has otherwise

  const MANY = 30; // witnesses shown at once
  const BRIEF = 400; // characters up to which a witness is shown whole
  const AROUND = 16; // characters kept on either side of a difference

  function drawWitnesses() {
    const { witnesses } = opened;
    const item = (witness) => drawWitness(witness);
    const shown = h("ol", {}, witnesses.slice(0, opened.allWitnesses ? witnesses.length : MANY).map(item));
    const rest = witnesses.length - shown.children.length;
    return [shown, rest ? button({ class: "quiet more", onclick: () => { opened.allWitnesses = true; redrawWitnesses(); } }, words.rest(figure(rest))) : null];
  }

  function redrawWitnesses() {
    $("witnesses").replaceChildren(h("h3", {}, words.witnesses), ...drawWitnesses().filter(Boolean));
  }

  function drawWitness(witness) {
    const { siglum, number } = witness;
    const decided = decisionOn(chosen);
    const out = markedOut.has(witness.key) || (decided?.verdict === "split" && decided.exclude?.includes(witness.key));
    const long = chosen.text.length > BRIEF || !differing(witness).length;
    const wholes = (opened.wholes ??= new Set());
    const contexts = (opened.contexts ??= new Set());
    const toggle = (set, on, off) => button({ class: "quiet", "aria-pressed": String(set.has(number)), onclick: (event) => {
      if (!set.delete(number)) set.add(number);
      const fresh = drawWitness(witness);
      event.currentTarget.closest(".witness").replaceWith(fresh);
      fresh.querySelector(`.facts button[data-of="${on}"]`)?.focus();
    }, "data-of": on }, set.has(number) ? off : on);
    return h("li", { class: `witness ${witness.status}${out ? " out" : ""}`, "data-witness": number },
      h("div", { class: "name" }, h("b", { class: "siglum" }, siglum), number < 9 ? key(number + 1) : null,
        h("input", { type: "checkbox", checked: out, "aria-label": words.leaveOut(siglum), title: words.leaveOut(siglum), onchange: () => toggleWitness(number) })),
      h("div", { class: "body" },
        h("p", { class: "where" }, h("bdi", { class: "path" }, plain(witness.path)), h("span", { class: "line" }, `:${witness.line}`),
          h("span", { class: "dim" }, ` ${figure(witness.start)}–${figure(witness.end)}`)),
        h("p", { class: "facts" }, h("span", { class: `status ${witness.status}` }, words.status[witness.status]), out ? h("span", { class: "flag" }, words.out) : null,
          isNew(decided, witness.key) ? h("span", { class: "flag" }, bang(), ` ${words.isNew}`) : null,
          h("span", {}, words.similar(percent(witness.similarity))),
          witness.tiers.length ? h("span", {}, `${words.foundBy} ${witness.tiers.map((tier) => words.found[tier] ?? tier).join(" + ")}`) : null,
          long ? toggle(wholes, words.whole, words.differences) : null,
          witness.around.some(Boolean) ? toggle(contexts, words.context, words.contextOff) : null),
        h("p", { class: "words", lang: witness.lang, dir: "auto" },
          contexts.has(number) ? h("span", { class: "context" }, "…", plain(flat(witness.around[0]))) : null,
          long && !wholes.has(number) ? excerpts(witness) : wholeOf(witness),
          contexts.has(number) ? h("span", { class: "context" }, plain(flat(witness.around[1])), "…") : null)));
  }

  const differing = (witness) => opened.variants.filter(isShown).map((variant) => [variant, otherOf(variant, witness.number)]).filter(([, other]) => other);
  const difference = (variant, other) => h("span", { class: `d ${groupOf(variant.kind)}`, "data-number": variant.number }, compared(variant.text, other.text, other.blocks));

  function wholeOf(witness) {
    const nodes = [];
    let done = 0;
    for (const [variant, other] of differing(witness)) {
      if (variant.from < done) continue;
      nodes.push(...shortened(slice(opened.body, done, variant.from), plain), difference(variant, other));
      done = variant.to;
    }
    return [...nodes, ...shortened(slice(opened.body, done), plain)];
  }

  function excerpts(witness) {
    const { body } = opened;
    const found = differing(witness);
    if (!found.length) return h("span", { class: "dim same" }, words.equalText);
    const nodes = [];
    let done = 0;
    const piece = (from, to) => plain(flat(slice(body, from, to)));
    for (const [variant, other] of found.slice(0, 100)) {
      if (variant.from < done) continue;
      const from = Math.max(done, variant.from - AROUND);
      if (nodes.length) nodes.push(...piece(done, Math.min(from, done + AROUND)));
      if (from > done + (nodes.length ? AROUND : 0)) nodes.push(h("span", { class: "gap" }, " … "));
      nodes.push(...piece(Math.max(from, nodes.length ? Math.min(from, done + AROUND) : from), variant.from), difference(variant, other));
      done = variant.to;
    }
    nodes.push(...piece(done, done + AROUND), done + AROUND < body.length ? h("span", { class: "gap" }, " …") : "");
    return nodes;
  }

  function toggleWitness(number) {
    const witness = opened.witnesses[number];
    if (!witness?.key) { say(words.noSuch); return; }
    if (!markedOut.delete(witness.key)) markedOut.add(witness.key);
    redrawWitnesses();
    drawActions();
    say(`${witness.siglum}${words.colon}${markedOut.has(witness.key) ? words.out : words.status[witness.status]}`);
  }
