() => {
  // On a phone the answer lies below what was pressed: after a visitor's own press it is brought into view, once.
  const narrow = matchMedia('(max-width: 640px)');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const PATIENCE_MS = 15000;
  let pressed = 0;
  const press = (event) => {
    const at = event.target.closest?.('button, label, input[type=file], input[type=radio], input[type=checkbox], a[data-opens]');
    const elsewhere = at?.closest('[role=tablist], .wl-live, .wl-fold > button, a[data-opens]');
    pressed = at && !elsewhere ? performance.now() : 0;
  };
  addEventListener('click', press, true);
  addEventListener('change', press, true);
  addEventListener('touchmove', () => (pressed = 0), { capture: true, passive: true });
  const show = (changes) => {
    if (!pressed || !narrow.matches || performance.now() - pressed > PATIENCE_MS) return;
    const answer = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest('.wl-live'))
      .find((live) => live?.offsetHeight);
    if (!answer) return;
    pressed = 0;
    const { top } = answer.getBoundingClientRect();
    if (top >= 0 && top < innerHeight / 2) return;
    answer.scrollIntoView({ block: 'start', behavior: still.matches ? 'auto' : 'smooth' });
  };
  new MutationObserver(show).observe(document.body, { subtree: true, childList: true, characterData: true });
}
