"""python -m profiles.cli: the same as stalking-profiles."""

from profiles.cli import main

if __name__ == "__main__":
    main()
