"""Who is away and who is on duty."""
