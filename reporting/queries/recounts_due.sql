-- Roll-ups that are due to be counted, with what they are: days or months.
{recounts due}
