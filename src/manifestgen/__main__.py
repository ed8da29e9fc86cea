"""``python -m manifestgen``."""

from manifestgen.cli import main

if __name__ == "__main__":
    main()
