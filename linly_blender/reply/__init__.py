"""What the character answers: an echo, a file of questions and answers, or a language model."""
