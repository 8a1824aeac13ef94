() => {  // what stands beyond the right edge, where nothing can be scrolled to it: Gradio cuts it off, and its page is never wider
  const moves = (e) => e && (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) || moves(e.parentElement));
  const beyond = (e) => e.checkVisibility() && e.offsetWidth > 1 && e.getBoundingClientRect().right > innerWidth + 1 && !moves(e.parentElement);
  return [...document.querySelectorAll('.gradio-container *')].filter(beyond)
    .map((e) => `${e.tagName.toLowerCase()}.${e.className} ends at ${Math.round(e.getBoundingClientRect().right)} of ${innerWidth}`);
}
