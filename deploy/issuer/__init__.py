"""A small OpenID Connect issuer for development: it lets anybody be anybody, and so refuses to start anywhere else."""
