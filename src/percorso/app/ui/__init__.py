"""How every page looks and behaves: tokens, layout, components, vendored scripts."""
