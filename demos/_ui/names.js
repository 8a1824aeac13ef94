() => {
  // Gradio names some buttons otherwise than they read ("1x" is "Adjust playback speed to 1.5x"): whoever speaks to the
  // page presses what is to be read, so that comes first in the name. And a live place is a status,
  // and a place for a picture that has none yet may only be named as a picture.
  let asked = false;
  const name = () => {
    asked = false;
    for (const empty of document.querySelectorAll('.empty[aria-label]:not([role])')) empty.setAttribute('role', 'img');
    for (const live of document.querySelectorAll('.block.wl-live:not([role])')) live.setAttribute('role', 'status');
    for (const button of document.querySelectorAll('button[aria-label]')) {
      const read = button.textContent.replace(/\s+/g, ' ').trim();
      const label = button.getAttribute('aria-label');
      if (read && !label.includes(read)) button.setAttribute('aria-label', `${read}: ${label}`);
    }
  };
  const soon = () => {
    if (!asked) requestAnimationFrame(name);
    asked = true;
  };
  new MutationObserver(soon).observe(document.body, { subtree: true, childList: true, attributeFilter: ['aria-label'] });
  soon();
}
