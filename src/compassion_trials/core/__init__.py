"""What every stage shares: findings and errors, column definitions, numbers as text, files. Knows no other stage."""
