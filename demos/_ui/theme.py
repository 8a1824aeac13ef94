"""The look of a good instrument, as Gradio's theme: quiet surfaces, one accent, hairlines."""

from gradio import themes

FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> themes.Base:
    """Quiet surfaces, one accent, hairlines; system fonts only, so that the page asks nothing of a third party."""
    return themes.Base(
        primary_hue=themes.colors.teal,
        secondary_hue=themes.colors.teal,
        neutral_hue=themes.colors.slate,
        spacing_size=themes.sizes.spacing_md,
        radius_size=themes.sizes.radius_sm,
        font=FONTS,
        font_mono=MONO,
    ).set(
        color_accent="#0f766e",
        slider_color="#0f766e",
        slider_color_dark="#2dd4bf",
        checkbox_background_color_selected="#0f766e",
        checkbox_background_color_selected_dark="#14b8a6",
        checkbox_border_color="#7a868c",
        checkbox_border_color_dark="#7a868c",
        body_background_fill="#fbfbfa",
        body_background_fill_dark="#0f1416",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#151b1e",
        background_fill_secondary="#f4f5f4",
        background_fill_secondary_dark="#1b2327",
        body_text_color="#1b2529",
        body_text_color_dark="#e6ecee",
        body_text_color_subdued="#5b676d",
        body_text_color_subdued_dark="#9aa7ad",
        border_color_primary="#e1e5e5",
        border_color_primary_dark="#2a3439",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        panel_background_fill="transparent",
        panel_background_fill_dark="transparent",
        panel_border_width="0px",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_dark="#14b8a6",
        button_primary_background_fill_hover="#115e59",
        button_primary_background_fill_hover_dark="#2dd4bf",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#06231f",
        button_large_text_weight="500",
        button_border_width="1px",
        button_border_width_dark="1px",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_dark="#1b2327",
        button_secondary_border_color="#cfd6d6",
        button_secondary_border_color_dark="#36424a",
    )
