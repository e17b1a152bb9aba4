"""Routes of seals: looking, their life, their people, sealing."""
