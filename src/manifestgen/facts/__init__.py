"""Pure knowledge: names, labels, quantities, ports, metrics, each with its source."""
