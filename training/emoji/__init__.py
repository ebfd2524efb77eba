"""The emoji world: about 1,100 things in Fluent Emoji's 3-D pictures, before walls and scenes, moving as their
animators or a caption say."""
