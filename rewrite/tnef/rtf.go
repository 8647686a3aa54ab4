package tnef
