"""Who took part: ids, arms, baseline variables, stopping, harms; and what identifies a person."""
