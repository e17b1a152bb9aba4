"""Does everything that is kept agree with itself?"""
