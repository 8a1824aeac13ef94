(group, name, first) => {
  if (!window.wavelens_followed) return;
  const open = (window.wavelens_open ??= {});
  const tab = name || open[group] || first;
  open[group] = tab;
  const link = new URL(location);
  tab ? link.searchParams.set('tab', tab) : link.searchParams.delete('tab');
  history.replaceState(null, '', link);
}
