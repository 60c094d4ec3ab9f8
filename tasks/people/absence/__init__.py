"""Who is away, until when, and who does their work meanwhile (休假与代理). With examples: docs/absence.md."""
