"""How and for whom a treatment works: mediation and moderation."""
