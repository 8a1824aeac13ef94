element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-example]');
  if (!button) return;
  props.value = props.examples[Number(button.dataset.example)].src;
  trigger('input');
});
