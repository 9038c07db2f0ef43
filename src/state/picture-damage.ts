/** A saved picture is not what was written: torn, edited, or none of ours. */
export class DamagedPicture extends Error {}

/** A saved picture was written by a version of Azimuth that has another form of it. */
export class OtherPicture extends Error {}
