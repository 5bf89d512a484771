"""Problems: places where the experience is worse than elsewhere, and what shows it."""
