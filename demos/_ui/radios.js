() => {
  // Gradio gives every radio button a name of its own, so that arrow keys do not move between them as they do elsewhere.
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener('keydown', (event) => {
    const step = steps[event.key], group = event.target.closest?.('fieldset');
    if (!step || !group || event.target.type !== 'radio') return;
    const radios = [...group.querySelectorAll('input[type=radio]:not(:disabled)')];
    const next = radios[(radios.indexOf(event.target) + step + radios.length) % radios.length];
    event.preventDefault();
    next.focus();
    next.click();
  });
}
