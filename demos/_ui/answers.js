() => {
  // What happens around an answer. A press on a phone brings it into view, once, since it may lie below what was pressed.
  // And where the new input was refused, the answer to the last one is greyed, and the first of its parts says so.
  const narrow = matchMedia('(max-width: 640px)');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const PATIENCE_MS = 15000;
  let pressed = 0;
  const press = (event) => {
    const at = event.target.closest?.('button, label, input[type=file], input[type=radio], input[type=checkbox]');
    const elsewhere = at?.closest('[role=tablist], .wl-live, .wl-fold > button');
    pressed = at && !elsewhere ? performance.now() : 0;
  };
  const show = (changes) => {
    if (!pressed || !narrow.matches || performance.now() - pressed > PATIENCE_MS) return;
    const answer = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest('.block.wl-live'))
      .find((live) => live?.offsetHeight);
    if (!answer) return;
    pressed = 0;
    const { top } = answer.getBoundingClientRect();
    if (top >= 0 && top < innerHeight / 2) return;
    answer.scrollIntoView({ block: 'start', behavior: still.matches ? 'auto' : 'smooth' });
  };

  const grey = () => {
    asked = false;
    for (const tab of document.querySelectorAll('.wl-inner > [role=tabpanel]')) {
      const section = tab.querySelector('.wl-section');
      const leads = (block) => !section || block.compareDocumentPosition(section) & Node.DOCUMENT_POSITION_FOLLOWING;
      const refused = [...tab.querySelectorAll('.block > [data-testid=status-tracker] .error')].some(leads);
      const answers = [...tab.querySelectorAll('.block.wl-live')].filter((block) => block.offsetHeight && leads(block));
      answers.forEach((block, i) => {
        block.classList.toggle('wl-refused', refused);
        block.classList.toggle('wl-refused-first', refused && !i);
      });
    }
  };
  let asked = false;
  const changed = (changes) => {
    show(changes);
    if (!asked) requestAnimationFrame(grey);
    asked = true;
  };
  addEventListener('click', press, true);
  addEventListener('change', press, true);
  addEventListener('touchmove', () => (pressed = 0), { capture: true, passive: true });
  new MutationObserver(changed).observe(document.body, { subtree: true, childList: true, characterData: true });
}
