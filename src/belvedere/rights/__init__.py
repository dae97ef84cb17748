"""What was granted and runs until something: viewings and their slots; one review for all of them."""
