  // --- beginning

  function speak(tongue) {
    lang = tongue;
    words = WORDS[tongue];
    document.documentElement.lang = tongue;
    document.title = `dedup: ${words.review}`;
    drawTop();
    drawFilters();
    showFilter();
  }

  function switchTo(tongue) {
    speak(tongue);
    drawDetail();
    drawCount();
    drawRows(true);
    const address = new URL(location.href);
    address.searchParams.set("lang", tongue);
    history.replaceState(null, "", address);
  }

  addEventListener("resize", () => { measure(); drawRows(true); });
  addEventListener("hashchange", () => {
    const cluster = readAddress();
    query.value = filter.query;
    showFilter();
    sift();
    choose(cluster);
    drawDetail();
  });
  addEventListener("storage", (event) => { // another tab of this browser
    if (event.key !== SHELF || data.served) return;
    recall();
    redrawDecisions();
  });

  measure();
  recall();
  const first = readAddress();
  query.value = filter.query;
  speak(lang);
  sift();
  document.body.dataset.view = first ? "passage" : "list";
  if (first) choose(first);
  else drawDetail();
  if (data.served) beginServing();
