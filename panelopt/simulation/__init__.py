"""Events of a stained sample drawn at random: the physics of the score, cell by cell."""
