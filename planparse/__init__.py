"""planparse: Chinese government plan documents as data."""
