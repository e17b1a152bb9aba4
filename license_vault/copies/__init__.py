"""Purpose-bound copies (加注件): made from a license in force, for one user and one purpose."""
