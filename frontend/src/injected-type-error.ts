export const cameras: number = "two hundred and fifty-two";
