(on) => {
  for (const kind of ['lesion', 'head']) {
    const shown = on.some((name) => name.toLowerCase().includes(kind));
    document.documentElement.style.setProperty(`--wl-translation-${kind}`, shown ? 1 : 0);
  }
}
