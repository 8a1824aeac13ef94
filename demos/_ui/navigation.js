(places) => {
  // Tabs, the address, the window's title and Back agree. `places` are the tabs in order: [name, group, title].
  // Gives what opens the tab of the address: an update for the groups' bar, and one for the bar in each group.
  const groups = [...new Set(places.map(([, group]) => group))];
  const last = Object.fromEntries(groups.map((group) => [group, places.find((place) => place[1] === group)[0]]));
  const called = (name) => places.find((place) => place[0] === name);
  const ofAddress = () => called(new URLSearchParams(location.search).get('tab'))?.[0] ?? '';
  const updates = (name) => {
    const group = called(name)?.[1] ?? 'home';
    const bar = (selected) => ({ __type__: 'update', ...(selected && { selected }) });
    return [bar(group), ...groups.map((other) => bar(other === group && name))];
  };
  let here = ofAddress();
  const SETTLED_MS = 300;
  const show = () => {
    for (const tab of document.querySelectorAll('.wl-tabs > .tab-wrapper .selected, .wl-inner > .tab-wrapper .selected'))
      tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
  };
  const arrive = (name) => {
    setTimeout(show, SETTLED_MS);
    here = name;
    const place = called(name);
    if (place) last[place[1]] = name;
    document.title = place ? `${place[2]} · Wavelens` : 'Wavelens';
  };
  const visit = (name) => {
    if (name === here) return;
    arrive(name);
    const link = new URL(location);
    name ? link.searchParams.set('tab', name) : link.searchParams.delete('tab');
    history.pushState(null, '', link);
  };
  const open = (name) => {
    window.wavelens_opening = () => updates(name);
    window.wavelens_open?.();
  };
  document.addEventListener('click', (event) => {
    const tab = event.target.closest?.('.wl-tabs > .tab-wrapper [role=tab], .wl-inner > .tab-wrapper [role=tab]');
    if (tab) return visit(last[tab.dataset.tabId] ?? called(tab.dataset.tabId)?.[0] ?? '');
    const card = event.target.closest?.('a[data-opens]');
    if (!card || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    visit(card.dataset.opens);
    open(card.dataset.opens);
    window.scrollTo(0, 0);
  });
  addEventListener('popstate', () => {
    if (ofAddress() === here) return;
    arrive(ofAddress());
    open(here);
  });
  arrive(here);
  return updates(here);
}
