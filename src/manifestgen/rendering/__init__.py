"""From templates to text."""
