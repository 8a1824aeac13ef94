element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-example]');
  if (!button) return;
  const { key, src } = props.examples[Number(button.dataset.example)];
  props.value = { key: key || '', src };
  trigger('input');
});
